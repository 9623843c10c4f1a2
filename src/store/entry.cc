// SPDX-License-Identifier: Apache-2.0
#include "store/entry.h"

namespace hawser::store {

entry::owner entry::make(block_heap* in, const record_id& id, std::string_view name,
                         std::string_view data) {
    const std::size_t size = name.size() + data.size();
    const bool is_large = needs_own_block(size);
    const std::size_t bytes = sizeof(entry) + (is_large ? sizeof(char*) : size);
    void* block = in != nullptr ? in->take(bytes, std::size_t(id.hash[0])) : ::operator new(bytes);
    if (block == nullptr) return nullptr;
    auto* made = new (block) entry();
    made->hash = id.hash;
    made->in = id.in;
    made->name_size = std::uint32_t(name.size());
    made->data_size = std::uint32_t(data.size());
    made->is_large = is_large;
    if (is_large) {
        char* const far = new char[size];
        std::memcpy(made + 1, static_cast<const void*>(&far), sizeof far);
    }
    name.copy(made->text(), name.size());
    data.copy(made->text() + name.size(), data.size());
    return owner(made, release{in});
}

}  // namespace hawser::store
