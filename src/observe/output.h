// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hawser::observe {

/// Where a log goes: a file that is appended to, or the process's stdout or stderr.
///
/// A write takes what the other end has room for and returns. Pipes and terminals are opened anew
/// for that, because a non-blocking flag on ours would change them for every process that shares
/// them; where that is forbidden, pieces that an empty page of the pipe must take are written.
class output {
  public:
    /// `stdout`, `stderr`, or a file's path; a file is made with mode 0640.
    [[nodiscard]] static result<output> open(std::string_view name);

    /// A second handle on what `descriptor` is open on.
    [[nodiscard]] static result<output> of_descriptor(int descriptor);

    output(output&& other) noexcept;
    output& operator=(output&& other) noexcept;
    ~output();

    /// How many bytes were taken, and the errno that ended it; EAGAIN: no room now.
    struct taken {
        std::size_t bytes = 0;
        int error = 0;
    };
    [[nodiscard]] taken write(std::string_view bytes) const noexcept;

    /// Waits until there is room, or something is wrong, or the time is over.
    void wait(std::chrono::milliseconds most) const noexcept;

    /// The same file by its name again; stdout and stderr stay what they are.
    [[nodiscard]] result<> reopen();

    [[nodiscard]] bool is_terminal() const noexcept;

  private:
    enum class manner { plain, socket, by_pages };

    output(int descriptor, manner how, std::string path);

    int descriptor_;
    manner manner_;
    std::string path_;  ///< empty: not a file of ours
};

}  // namespace hawser::observe
