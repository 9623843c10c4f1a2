// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <yaml-cpp/eventhandler.h>  // excused: the class below implements it
#include <yaml-cpp/mark.h>          // excused: as above

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/diagnostics.h"
#include "config/node.h"
#include "config/variables.h"

namespace hawser::config {

/// Builds our tree out of yaml-cpp's events: unlike its own nodes these show every key with its
/// place, and aliases before they are expanded, so that a bomb of them is refused unexpanded.
class yaml_reader final : public YAML::EventHandler {
  public:
    yaml_reader(std::shared_ptr<const std::string> file, const variables& known, diagnostics& out)
        : file_(std::move(file)), known_(known), out_(out) {}

    [[nodiscard]] node take_root() { return std::move(root_); }
    /// The document was too large: the tree lacks parts of it.
    [[nodiscard]] bool is_full() const { return is_full_; }
    [[nodiscard]] position place(const YAML::Mark& mark) const;

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override;
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override;
    void OnSequenceEnd() override;
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override;
    void OnMapEnd() override;

  private:
    /// A list or map that is being read.
    struct open {
        node value;
        YAML::anchor_t anchor = 0;
        bool has_key = false;  ///< of a map: `key` waits for its value
        std::string key = {};
        position key_at = {};
        std::vector<node> merged = {};  ///< what `<<` named
        bool is_key = false;            ///< stands where only a text may, and is dropped
    };

    [[nodiscard]] bool takes_key() const;
    void take_key(const YAML::Mark& mark, const std::string& text);
    void start(const YAML::Mark& mark, node value, YAML::anchor_t anchor);
    void end();
    void finish(node value, YAML::anchor_t anchor);
    void put(open& into, node value);
    void merge(open& into, node from);
    bool has_room(std::size_t nodes, const position& at);

    std::shared_ptr<const std::string> file_;
    const variables& known_;
    diagnostics& out_;
    node root_;
    std::vector<open> open_;
    std::map<YAML::anchor_t, node> anchors_;
    std::size_t nodes_ = 0;
    bool is_full_ = false;
};

}  // namespace hawser::config
