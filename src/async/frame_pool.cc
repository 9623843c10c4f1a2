// SPDX-License-Identifier: Apache-2.0
#include "async/frame_pool.h"

#include <array>
#include <new>
#include <utility>

#include "base/sanitizers.h"

namespace hawser {

namespace {

constexpr std::size_t class_step = 32;    // an idle connection's frames count
constexpr std::size_t class_count = 128;  // up to 4 KiB

struct free_frame {
    free_frame* next;
};

/// Freed frames of this thread, by size class; handed back to the allocator when the thread ends.
struct free_lists {
    std::array<free_frame*, class_count> heads{};

    ~free_lists() { release(); }

    void release() noexcept {
        for (auto*& head : heads) {
            while (head != nullptr) ::operator delete(std::exchange(head, head->next));
        }
    }
};

thread_local free_lists lists;

constexpr std::size_t class_of(std::size_t size) { return (size + class_step - 1) / class_step; }

}  // namespace

void* frame_pool::take(std::size_t size) {
    const std::size_t index = class_of(size);
    if (index < class_count && lists.heads[index] != nullptr) {
        free_frame* frame = lists.heads[index];
        lists.heads[index] = frame->next;
        return frame;
    }
    return ::operator new(index < class_count ? index * class_step : size);
}

void frame_pool::give_back(void* frame, std::size_t size) noexcept {
    const std::size_t index = class_of(size);
    // AddressSanitizer must see the end of each frame's life.
    if (index < class_count && !is_memory_watched) {
        lists.heads[index] = ::new (frame) free_frame{lists.heads[index]};
        return;
    }
    ::operator delete(frame);
}

void frame_pool::release_unused() noexcept { lists.release(); }

}  // namespace hawser
