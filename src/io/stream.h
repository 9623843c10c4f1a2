// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>
#include <array>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "async/context.h"
#include "async/loop.h"
#include "async/stop.h"
#include "base/result.h"
#include "io/endpoint.h"
#include "io/hot_buffer.h"
#include "io/path_state.h"

namespace hawser::io {

class layer;
class stream;

/// What one send carries: up to six runs of bytes that leave together.
class pieces {
  public:
    static constexpr std::size_t count_max = 6;

    template <typename... Piece>
        requires(sizeof...(Piece) <= count_max)
    explicit pieces(Piece... piece)
        : views_{std::string_view(piece)...}, count_(sizeof...(Piece)) {}

    [[nodiscard]] std::span<const std::string_view> views() const {
        return {views_.data(), count_};
    }
    [[nodiscard]] std::size_t size() const;
    /// Drops the first `bytes` bytes.
    void advance(std::size_t bytes);

  private:
    std::array<std::string_view, count_max> views_{};
    std::size_t count_ = 0;
};

/// Told when something stirs on a stream that nobody reads: its end, stray bytes, or the time until
/// which it was watched.
class watcher {
  public:
    virtual void stirred(stream& watched) = 0;

  protected:
    ~watcher() = default;
};

/// One wait of a coroutine for a stream; lives in the coroutine's frame.
class stream_wait : protected runnable, protected stop_listener {
  public:
    void inherit(const context& conditions) noexcept { conditions_ = &conditions; }
    void await_suspend(std::coroutine_handle<> awaiting);

  protected:
    explicit stream_wait(stream& waited) : stream_(&waited) {}
    stream_wait(stream_wait&& other) noexcept
        : stream_(other.stream_), conditions_(other.conditions_) {}
    ~stream_wait() = default;

    [[nodiscard]] bool is_stopped() const noexcept {
        return conditions_->stop != nullptr && conditions_->stop->is_stopped();
    }
    /// Gives the wait another span of patience: there was progress.
    void renew() noexcept;

    stream* stream_;
    const context* conditions_ = &unlimited;
    std::coroutine_handle<> waiting_;
    steady_time until_ = no_deadline;
    /// Set when the wait was ended from outside.
    errc ended_by_ = errc::system;
    bool ended_ = false;

  private:
    friend class stream;

    /// Where the stream keeps this wait: its reader or its writer.
    virtual stream_wait*& slot() noexcept = 0;
    /// Tries the work; false: it still has to wait.
    virtual bool attempt() = 0;

    void wake() noexcept { loop::current().make_ready(*this); }
    void end(errc why) noexcept;
    void stopped() noexcept final { end(errc::cancelled); }
    void run() final;
};

/// A connection, whatever the engine behind it: bytes in order both ways, each side with its end.
///
/// One reader and one writer at a time. Owned by whoever talks over it; destroying it closes it.
/// A read lends bytes of the worker's hot buffer that are valid until the next wait; a write copies
/// what the peer can't take yet into a buffer of the stream, so its caller's bytes need not last
/// longer either.
class stream : timer {
  public:
    class [[nodiscard]] read_wait;
    class [[nodiscard]] peek_wait;
    class [[nodiscard]] write_wait;
    class [[nodiscard]] connect_wait;

    virtual ~stream();

    /// Waits for bytes, at most `limit`: result<span<char>>, never empty. `end_of_stream` when the
    /// peer has ended its side, `reset`, `timed_out`, `cancelled`.
    read_wait read(std::size_t limit = limits::hot_buffer) noexcept;
    /// As `read`, but the bytes stay where they are, for whoever reads next: waits until more than
    /// `known` have come, and lends all that have, at most `limit`. `end_of_stream` when no more
    /// will. Only of streams that are a socket of their own.
    peek_wait peek(std::size_t known, std::size_t limit) noexcept;
    /// Sends all of it: result<>. The idle limit is renewed whenever the peer takes some.
    write_wait write(pieces what) noexcept;
    /// After `engine::connect`: waits until the connection stands: result<>.
    connect_wait connected() noexcept;

    /// Ends our side in order; reading goes on.
    virtual void shut_down_writing() noexcept = 0;
    /// The peer will see a reset, not an end, when this stream is destroyed.
    virtual void reset_on_close() noexcept = 0;
    /// Looks, without waiting, whether anything came from the peer: bytes, end or error (E69).
    [[nodiscard]] virtual bool has_input() noexcept = 0;

    [[nodiscard]] virtual endpoint peer() const = 0;
    [[nodiscard]] virtual endpoint local() const = 0;
    /// Whose process connected to a unix socket of ours, as the kernel knows it; else nothing.
    [[nodiscard]] virtual std::optional<uid_t> peer_user() const { return std::nullopt; }
    /// Of TCP, by one system call; nothing of all else.
    [[nodiscard]] virtual std::optional<path_state> path() const { return std::nullopt; }

    /// Stops `source` when the peer resets the connection; null: nobody. `source` outlives that.
    void stop_on_reset(stop_source* source) noexcept;
    /// Calls `who` once something stirs, or at `until`; null ends it. Nobody may be waiting.
    void watch(watcher* who, steady_time until) noexcept;

    [[nodiscard]] bool was_reset() const noexcept { return was_reset_; }
    /// The peer has ended its side, or reset the connection; bytes from before may be there still.
    [[nodiscard]] bool has_ended() const noexcept { return peer_ended_; }
    /// Nothing from the peer is known to be there: no bytes, no end. One that may be otherwise is
    /// looked at with `has_input`.
    [[nodiscard]] bool is_quiet() noexcept {
        return !peer_ended_ && !was_reset_ && (!readable_ || !has_input());
    }
    /// Bytes handed to `write` that the peer has not taken yet.
    [[nodiscard]] std::size_t unsent() const noexcept { return unsent_size_ - unsent_begin_; }

    /// Engines tell what has become possible. Resumes nobody, only queues.
    struct readiness {
        bool readable = false;
        bool writable = false;
        bool peer_ended = false;
        bool reset = false;
    };
    void notice(readiness now) noexcept;

  protected:
    explicit stream(hot_buffer& hot) : hot_(hot) {}
    /// Where another stream of this worker reads into.
    [[nodiscard]] static hot_buffer& buffer_of(const stream& beside) noexcept {
        return beside.hot_;
    }

    /// Bytes moved, 0 at the peer's end, or -errno; -EAGAIN when it would have to wait.
    virtual ssize_t receive(std::span<char> into) noexcept = 0;
    virtual ssize_t send(const pieces& what) noexcept = 0;
    /// As `receive`, from the same place again and again.
    virtual ssize_t look(std::span<char> into) noexcept;
    /// 0 once the connection stands, EINPROGRESS before, else why it failed.
    virtual int connect_outcome() noexcept = 0;

    /// The peer has ended its side by a word of its protocol: a read tells of it without waiting.
    void note_end() noexcept { readable_ = peer_ended_ = true; }
    [[nodiscard]] bool is_watched() const noexcept { return watcher_ != nullptr; }
    [[nodiscard]] bool has_writer() const noexcept { return writer_ != nullptr; }

  private:
    friend class layer;
    friend class stream_wait;

    void expired(steady_time now) override;
    void arm_for(steady_time until);
    [[nodiscard]] bool has_had_its_turn() noexcept;
    void keep_unsent(const pieces& what);
    ssize_t send_unsent() noexcept;

    hot_buffer& hot_;
    layer* above_ = nullptr;  ///< hears in its place what the engine tells
    stream_wait* reader_ = nullptr;
    stream_wait* writer_ = nullptr;
    watcher* watcher_ = nullptr;
    stop_source* stop_on_reset_ = nullptr;
    steady_time watch_until_ = no_deadline;
    steady_time armed_for_ = no_deadline;
    std::unique_ptr<char[]> unsent_;
    std::uint32_t unsent_begin_ = 0;
    std::uint32_t unsent_size_ = 0;
    std::uint32_t turn_ = 0;
    std::uint8_t reads_in_turn_ = 0;
    bool readable_ = true;
    bool writable_ = true;
    bool peer_ended_ = false;
    bool was_reset_ = false;
    bool has_stirred_ = false;  ///< the engine has told of bytes or of an end
};

class stream::read_wait final : public stream_wait {
  public:
    read_wait(stream& from, std::size_t limit) : stream_wait(from), limit_(limit) {}

    [[nodiscard]] bool await_ready();
    [[nodiscard]] result<std::span<char>> await_resume();

  private:
    stream_wait*& slot() noexcept override { return stream_->reader_; }
    bool attempt() override;

    std::size_t limit_;
    ssize_t received_ = 0;
};

class stream::peek_wait final : public stream_wait {
  public:
    peek_wait(stream& from, std::size_t known, std::size_t limit)
        : stream_wait(from), known_(known), limit_(limit) {}

    [[nodiscard]] bool await_ready();
    [[nodiscard]] result<std::span<char>> await_resume();

  private:
    stream_wait*& slot() noexcept override { return stream_->reader_; }
    bool attempt() override;

    std::size_t known_;
    std::size_t limit_;
    ssize_t seen_ = 0;
};

class stream::write_wait final : public stream_wait {
  public:
    write_wait(stream& to, pieces what) : stream_wait(to), what_(what) {}

    [[nodiscard]] bool await_ready();
    void await_suspend(std::coroutine_handle<> awaiting);
    [[nodiscard]] result<> await_resume();

  private:
    stream_wait*& slot() noexcept override { return stream_->writer_; }
    bool attempt() override;

    pieces what_;
    int failure_ = 0;
};

class stream::connect_wait final : public stream_wait {
  public:
    explicit connect_wait(stream& to) : stream_wait(to) {}

    [[nodiscard]] bool await_ready();
    [[nodiscard]] result<> await_resume();

  private:
    stream_wait*& slot() noexcept override { return stream_->writer_; }
    bool attempt() override;

    int outcome_ = 0;
};

inline stream::read_wait stream::read(std::size_t limit) noexcept {
    return read_wait(*this, limit);
}
inline stream::peek_wait stream::peek(std::size_t known, std::size_t limit) noexcept {
    return peek_wait(*this, known, limit);
}
inline stream::write_wait stream::write(pieces what) noexcept { return write_wait(*this, what); }
inline stream::connect_wait stream::connected() noexcept { return connect_wait(*this); }

}  // namespace hawser::io
