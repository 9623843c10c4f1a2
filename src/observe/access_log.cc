// SPDX-License-Identifier: Apache-2.0
#include "observe/access_log.h"

#include <utility>

#include "observe/access_log_thread.h"
#include "observe/output.h"

namespace hawser::observe {

namespace {

result<access_log_thread::style> style_of(const access_log_settings& settings) {
    const bool is_on = settings.output != "off";
    auto to = output::open(is_on ? settings.output : "/dev/null");
    if (!to) {
        to.error().context.insert(0, "access log: ");
        return std::unexpected(std::move(to.error()));
    }
    return access_log_thread::style{std::move(*to), settings.format, is_on};
}

}  // namespace

access_log::access_log(std::shared_ptr<access_log_thread> thread) : thread_(std::move(thread)) {}

access_log::~access_log() { close(std::chrono::seconds(1)); }

result<std::unique_ptr<access_log>> access_log::open(const access_log_settings& settings,
                                                     std::size_t workers) {
    auto style = style_of(settings);
    if (!style) return std::unexpected(std::move(style.error()));
    auto thread =
        std::make_shared<access_log_thread>(std::move(*style), workers, settings.ring_bytes);
    if (auto started = thread->start(); !started)
        return std::unexpected(std::move(started.error()));
    return std::unique_ptr<access_log>(new access_log(std::move(thread)));
}

access_lane& access_log::lane(std::size_t worker) noexcept { return thread_->lane(worker); }

result<> access_log::change(const access_log_settings& settings) {
    auto style = style_of(settings);
    if (!style) return std::unexpected(std::move(style.error()));
    thread_->change(std::move(*style));
    return {};
}

void access_log::reopen() { thread_->reopen(); }

void access_log::close(std::chrono::milliseconds limit) { thread_->close(limit); }

access_log_totals access_log::count() const noexcept { return thread_->count(); }

}  // namespace hawser::observe
