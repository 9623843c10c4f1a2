// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tls/certificates.h"
#include "tls/handles.h"
#include "tls/server_context.h"

namespace hawser::tls {

/// Makes a context out of settings, and notes all that is wrong with them. Once.
class server_context_maker {
  public:
    server_context_maker(const server_settings& given, std::vector<fault>& faults)
        : given_(given), faults_(faults) {}

    [[nodiscard]] std::shared_ptr<const server_context> make();

  private:
    struct identity {
        std::size_t number;  ///< of its files
        chain certificates;
        key_handle key;
        std::unique_ptr<stapled_answer> stapled;  ///< null: none
    };
    /// Certificates that serve a name together: one of each kind of key.
    using group = std::set<std::size_t>;

    void complain(fault::part where, std::size_t number, std::string what);
    void read_identities();
    void read_identity(std::size_t number);
    void read_authorities();
    void read_authorities(const client_terms& of, fault::part where, std::size_t number);
    void check_ciphers();

    void make_contexts();
    void add_to(group& names, std::size_t identity) const;
    const host_terms* terms_for(const group& names);
    [[nodiscard]] context_handle new_context() const;
    void ask_clients(host_terms& made, const client_terms& by) const;
    void add_identity(host_terms& made, identity& one);

    [[nodiscard]] const client_terms& clients_of(std::size_t identity) const;

    const server_settings& given_;
    std::vector<fault>& faults_;
    std::vector<identity> identities_;
    std::map<std::string, std::string> authorities_;  ///< by path: the file
    std::map<group, const host_terms*> by_group_;
    std::shared_ptr<server_context> made_ = std::make_shared<server_context>();
};

}  // namespace hawser::tls
