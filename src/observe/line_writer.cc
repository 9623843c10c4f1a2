// SPDX-License-Identifier: Apache-2.0
#include "observe/line_writer.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace hawser::observe {

namespace {

std::uint64_t lines_in(std::string_view bytes) {
    return static_cast<std::uint64_t>(std::ranges::count(bytes, '\n'));
}

}  // namespace

line_writer::line_writer(output to) : output_(std::move(to)) {
    lines_.reserve(limits::log_batch + limits::log_line_max);
}

void line_writer::change(output to) noexcept {
    flush();
    drop_all();
    output_ = std::move(to);
    is_torn_ = false;
}

line_writer::state line_writer::flush() noexcept {
    if (is_empty()) return state::done;
    if (is_torn_) {
        const auto [bytes, error] = output_.write("\n");
        if (error == EAGAIN) return state::blocked;
        is_torn_ = bytes == 0;
    }
    const auto rest = std::string_view(lines_).substr(taken_);
    const auto [bytes, error] = output_.write(rest);
    count(written_, lines_in(rest.substr(0, bytes)));
    taken_ += bytes;
    if (error == EAGAIN) return state::blocked;
    if (error != 0) {
        last_error_ = error;
        drop_all();
        return state::failed;
    }
    lines_.clear();
    taken_ = 0;
    return state::done;
}

void line_writer::drop_all() noexcept {
    count(dropped_, lines_in(std::string_view(lines_).substr(taken_)));
    if (taken_ != 0 && lines_[taken_ - 1] != '\n') is_torn_ = true;
    lines_.clear();
    taken_ = 0;
}

}  // namespace hawser::observe
