// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "app/overrides.h"
#include "base/result.h"

namespace hawser::app {

/// Where what people set at run time outlives the process: a JSON document, replaced as a whole, so
/// that after a crash (kill -9 too) there is the old one or the new one.
class override_file {
  public:
    /// In the directory `state`, one for each `origin` of a configuration, so that nodes of one
    /// user don't take each other's. No origin, no file: nothing is kept.
    override_file(std::string_view state, std::string_view origin);

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    /// What was kept; nothing if there is no file. A damaged file is set aside:
    /// never believed, and never in the way of a start.
    [[nodiscard]] overrides load() const;

    /// Renames the file, and tells why: it is not believed any more.
    void set_aside(std::string_view why) const;

    /// Returns once it is on the disk.
    [[nodiscard]] result<> save(const overrides& all) const;

  private:
    std::filesystem::path path_;
};

/// Tells in the error log which values the file has overtaken.
void tell_of_overtaken(std::span<const set_value> overtaken);

}  // namespace hawser::app
