// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "app/configuration.h"

namespace hawser::app {

/// What is served by: the file, and over it those pools that have servers which were found, or of
/// which people have set something at run time. Copies share all that they hold.
class effective {
  public:
    // NOLINTNEXTLINE(google-explicit-constructor): a file alone is served as it is
    effective(configuration file)
        : effective(std::make_shared<const configuration>(std::move(file))) {}
    explicit effective(std::shared_ptr<const configuration> file) : file_(std::move(file)) {}

    /// For everything but pools.
    [[nodiscard]] const configuration& file() const noexcept { return *file_; }

    /// Null when there is none.
    [[nodiscard]] const pool* find(std::string_view name) const noexcept;
    [[nodiscard]] const pool& at(std::string_view name) const noexcept;

    /// Null where the pool is as the file says.
    [[nodiscard]] std::shared_ptr<const pool> laid_over(std::string_view name) const;
    /// Null: as the file says.
    void lay_over(const std::string& name, std::shared_ptr<const pool> one);

    /// The file alone.
    [[nodiscard]] effective without_others() const { return effective(file_); }

    /// All of it, as a file would say it.
    [[nodiscard]] configuration whole() const;

  private:
    std::shared_ptr<const configuration> file_;
    std::map<std::string, std::shared_ptr<const pool>, std::less<>> over_;
};

}  // namespace hawser::app
