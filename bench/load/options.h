// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

namespace hawser::bench {

/// `--name value` pairs; a program reads each of its options once, then calls `refuse_the_rest`.
class options {
  public:
    options(int count, char** words) {
        for (int i = 1; i < count; i += 2) {
            const std::string_view name = words[i];
            if (!name.starts_with("--") || i + 1 == count) refuse(words[i]);
            given_[std::string(name.substr(2))] = words[i + 1];
        }
    }

    std::string text(const std::string& name, std::string otherwise) {
        auto found = given_.extract(name);
        return found ? found.mapped() : std::move(otherwise);
    }

    double number(const std::string& name, double otherwise) {
        const std::string given = text(name, "");
        if (given.empty()) return otherwise;
        char* end = nullptr;
        const double value = std::strtod(given.c_str(), &end);
        if (*end != '\0' || value < 0) refuse(given.c_str());
        return value;
    }

    std::size_t count(const std::string& name, std::size_t otherwise) {
        return static_cast<std::size_t>(number(name, static_cast<double>(otherwise)));
    }

    void refuse_the_rest() const {
        if (!given_.empty()) refuse(given_.begin()->first.c_str());
    }

  private:
    [[noreturn]] static void refuse(const char* word) {
        std::fprintf(stderr, "not understood: %s\n", word);
        std::exit(2);
    }

    std::map<std::string, std::string> given_;
};

}  // namespace hawser::bench
