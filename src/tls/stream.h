// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "io/layer.h"
#include "tls/facts.h"
#include "tls/handles.h"
#include "tls/work_room.h"

namespace hawser::tls {

/// TLS over another stream of the same worker: bytes in clear above, records below.
///
/// `connected()` shakes hands, on either side; nothing is read or written before. An end that the
/// peer did not announce by close_notify is `errc::truncated` (E126), what its TLS forbids
/// `errc::malformed`. While nothing is under way it holds no buffer.
class stream final : public io::layer, turn_taker {
  public:
    /// To a server. `session` is OpenSSL's, on its side, without a BIO; `terms` outlive it.
    stream(std::unique_ptr<io::stream> below, session_handle session,
           std::shared_ptr<const void> terms, work_room& room);
    /// From a client: its session is made of `context` once it has said something and has its turn
    /// among the handshakes, that of `source`. `terms` keep the context.
    stream(std::unique_ptr<io::stream> below, ssl_ctx_st* context,
           std::shared_ptr<const void> terms, work_room& room, const io::ip_address& source);
    ~stream() override;

    /// Sends close_notify, then ends our side below.
    void shut_down_writing() noexcept override;
    void reset_on_close() noexcept override;
    [[nodiscard]] bool has_input() noexcept override;

    /// After the handshake.
    [[nodiscard]] facts settled() const;

    /// A client that left before anything was computed for it.
    [[nodiscard]] bool left_before_its_turn() const noexcept {
        return session_ == nullptr && broken_by_ == ECONNRESET;
    }
    /// Why the handshake failed, for people.
    [[nodiscard]] const std::string& failure() const noexcept { return failure_text_; }
    /// The first bytes were no record but a word in clear, as HTTP begins (E130).
    [[nodiscard]] bool heard_clear_text() const noexcept { return heard_clear_text_; }
    /// After a handshake that failed: the stream below, to take leave over.
    [[nodiscard]] std::unique_ptr<io::stream> give_back() noexcept;

    // What OpenSSL calls, through the BIO and as it goes.

    [[nodiscard]] ssize_t take_sealed(std::span<char> into) noexcept;
    void keep_sealed(std::string_view bytes);
    void refused_renegotiation() noexcept;
    [[nodiscard]] work_room& room() const noexcept { return room_; }

  private:
    void stirred_below(readiness now) noexcept override;
    void take_turn() noexcept override;
    ssize_t receive(std::span<char> into) noexcept override;
    ssize_t send(const io::pieces& what) noexcept override;
    int connect_outcome() noexcept override;
    [[nodiscard]] bool is_asked_of_us() const noexcept { return context_ != nullptr; }
    [[nodiscard]] bool may_go_on() noexcept;
    void take_leave_of_who_left() noexcept;
    void begin(session_handle session) noexcept;

    ssize_t judge(int returned) noexcept;
    void note_failure(bool has_reason);
    [[nodiscard]] ssize_t probe() noexcept;
    std::size_t seal(io::pieces& what) noexcept;
    std::size_t seal_next(io::pieces& what) noexcept;
    void flush() noexcept;
    std::size_t flush_kept() noexcept;
    void break_off(int number) noexcept;
    void end_below_when_sent() noexcept;

    ssl_ctx_st* context_ = nullptr;  ///< of a session with a client; null: with a server
    session_handle session_;         ///< null: the client has not had its turn yet
    std::shared_ptr<const void> terms_;
    work_room& room_;
    std::string kept_;  ///< records that the peer has not taken yet
    std::size_t kept_begin_ = 0;
    std::size_t owed_ = 0;  ///< bytes that were sealed, of which the writer has not been told
    std::string failure_text_;
    int broken_by_ = 0;  ///< errno of what made it unusable
    std::uint8_t renegotiations_ = 0;
    bool stands_ = false;
    bool has_begun_ = false;  ///< bytes of the peer have come
    bool heard_clear_text_ = false;
    bool has_taken_ = false;    ///< bytes from below, in this step of the handshake
    bool drained_ = false;      ///< the next bytes below announce themselves
    bool end_is_near_ = false;  ///< the engine has seen the end below
    bool is_reset_ = false;     ///< and nothing can be said any more
    bool has_ended_ = false;    ///< the end below was read
    bool ends_when_sent_ = false;
    bool resets_ = false;
};

}  // namespace hawser::tls
