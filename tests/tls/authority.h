// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tls/server_context.h"

namespace hawser::tls {

enum class key_kind : std::uint8_t { ecdsa, rsa };

/// Issues certificates for tests, as files of a folder of its own that it removes at its end.
class authority {
  public:
    explicit authority(const std::string& name = "Test Authority");
    ~authority();
    authority(const authority&) = delete;
    authority& operator=(const authority&) = delete;

    /// A certificate for these hosts (`IP:` before an address); the first is its subject.
    [[nodiscard]] certificate_files issue(std::initializer_list<std::string_view> hosts,
                                          key_kind kind = key_kind::ecdsa,
                                          std::chrono::seconds lasts = std::chrono::hours(24));
    /// The authority's own certificate.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// A file in the folder with these bytes.
    [[nodiscard]] std::string write(const std::string& name, std::string_view bytes) const;

  private:
    struct identity;

    std::filesystem::path folder_;
    std::unique_ptr<identity> self_;
    std::string path_;
    long serial_ = 1;
};

}  // namespace hawser::tls
