/*
 * oo_webhooks for C++17 and later: execute the marketplace webhooks of onOffice enterprise records.
 *
 *     const oo::Client client = oo::Client::from_environment();
 *     client.execute_webhooks(oo::Module::Address, 15005);
 *
 * A thin layer, in this header alone, over oo_webhooks.h and its library: link oo_webhooks.
 *
 * Two ways     execute_... returns what was executed and throws everything else, by what the caller does
 *              next. try_execute_... throws nothing and reports every outcome in its result. With
 *              exceptions off the first way is absent. Where the standard library has std::expected,
 *              expect_... is a third.
 * Arguments    A wrong one (a module that is none, an id below 1, text with a NUL) is std::invalid_argument,
 *              or a result with one of the statuses 1 to 3; nothing was sent then.
 * Ownership    Options, Client, Request and Outbox own a handle of the library: they move and are not copied, and
 *              handle() lends it. Result and the errors are values.
 * Threads      A Client and a FakeClient may be shared by threads; the others are used by one at a time.
 * Memory       Running out of it ends the program where a function is noexcept, as it does in the library.
 *
 * This is not an official onOffice product. Licence: MIT or Apache-2.0.
 */
#ifndef OO_WEBHOOKS_HPP
#define OO_WEBHOOKS_HPP

#include <oo_webhooks.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#if __has_include(<version>)
#include <version>
#endif
#ifdef __cpp_lib_expected
#include <expected>
#endif

// Visible, so that errors are caught and forbid_real_calls holds across shared objects built with hidden symbols.
#pragma GCC visibility push(default)
namespace oo {

/// The part of onOffice enterprise that a record belongs to.
enum class Module { Estate, Address, Task, Calendar };

/// What the caller may do next.
enum class Outcome : std::int32_t {
  /// onOffice answered success: go on.
  Executed = OO_OUTCOME_EXECUTED,
  /// onOffice answered that it did not do it: fix the cause, a repeat is pointless.
  Rejected = OO_OUTCOME_REJECTED,
  /// No byte of the request can have reached onOffice: retry freely.
  NotSent = OO_OUTCOME_NOT_SENT,
  /// It may or may not have been executed: a repeat may execute the webhooks twice.
  InDoubt = OO_OUTCOME_IN_DOUBT,
};

/// What happened, with the numbers of oo_status. A later library may give others: treat a status that
/// you do not know by the outcome of its result.
enum class Status : std::int32_t {
  Ok = OO_STATUS_OK,
  // the caller's mistake: nothing was sent
  InvalidArgument = OO_STATUS_INVALID_ARGUMENT,
  InvalidModule = OO_STATUS_INVALID_MODULE,
  InvalidId = OO_STATUS_INVALID_ID,
  InvalidOption = OO_STATUS_INVALID_OPTION,
  NotConfigured = OO_STATUS_NOT_CONFIGURED,
  // not sent
  DnsFailed = OO_STATUS_DNS_FAILED,
  ConnectFailed = OO_STATUS_CONNECT_FAILED,
  ConnectTimeout = OO_STATUS_CONNECT_TIMEOUT,
  TlsFailed = OO_STATUS_TLS_FAILED,
  ProxyFailed = OO_STATUS_PROXY_FAILED,
  OutOfMemory = OO_STATUS_OUT_OF_MEMORY,
  ForkedTooEarly = OO_STATUS_FORKED_TOO_EARLY,
  // in doubt
  Timeout = OO_STATUS_TIMEOUT,
  ConnectionLost = OO_STATUS_CONNECTION_LOST,
  BadResponse = OO_STATUS_BAD_RESPONSE,
  HttpError = OO_STATUS_HTTP_ERROR,
  ServerError = OO_STATUS_SERVER_ERROR,
  // rejected by onOffice
  NotAuthenticated = OO_STATUS_NOT_AUTHENTICATED,
  ClockSkew = OO_STATUS_CLOCK_SKEW,
  NotAllowed = OO_STATUS_NOT_ALLOWED,
  UnknownRecord = OO_STATUS_UNKNOWN_RECORD,
  Rejected = OO_STATUS_REJECTED,
  // the outbox could not be read or written: nothing was sent
  OutboxFailed = OO_STATUS_OUTBOX_FAILED,
  // a defect of the library: in doubt
  Internal = OO_STATUS_INTERNAL,
};

/// "estate", "address", "task" or "calendar"; "" for a number that is no module.
[[nodiscard]] constexpr std::string_view name(Module module) noexcept {
  switch (module) {
    case Module::Estate: return "estate";
    case Module::Address: return "address";
    case Module::Task: return "task";
    case Module::Calendar: return "calendar";
  }
  return "";
}

/// The module of this exact name; none for any other text.
[[nodiscard]] constexpr std::optional<Module> to_module(std::string_view text) noexcept {
  for (const Module module : {Module::Estate, Module::Address, Module::Task, Module::Calendar}) {
    if (name(module) == text) return module;
  }
  return std::nullopt;
}

/// "executed", "rejected", "not_sent" or "in_doubt".
[[nodiscard]] constexpr std::string_view name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::Executed: return "executed";
    case Outcome::Rejected: return "rejected";
    case Outcome::NotSent: return "not_sent";
    case Outcome::InDoubt: break;
  }
  return "in_doubt";
}

/// The status's name in lower case, such as "connect_failed"; "unknown" for a number that is none.
[[nodiscard]] inline std::string_view name(Status status) noexcept {
  return oo_status_name(static_cast<std::int32_t>(status));
}

/// What the caller may do after this status; Outcome::InDoubt for a number that is none.
[[nodiscard]] inline Outcome outcome(Status status) noexcept {
  // Told without the library, because a library of another version is one of these mistakes.
  if (status >= Status::InvalidArgument && status <= Status::NotConfigured) return Outcome::NotSent;
  return static_cast<Outcome>(oo_status_outcome(static_cast<std::int32_t>(status)));
}

/// What the status means and what to do about it, in one line.
[[nodiscard]] inline std::string_view message(Status status) noexcept {
  return oo_status_message(static_cast<std::int32_t>(status));
}

/// The version of the library that is loaded, as "major.minor.patch".
[[nodiscard]] inline std::string_view version() noexcept { return oo_version(); }

/// An id as an argument. Every integer type converts to it, even one that does not fit: unsigned numbers
/// beyond 2^63-1 become negative and are refused as such. bool and floating point do not compile.
class RecordId {
 public:
  template <class Integer, std::enable_if_t<std::is_integral_v<Integer> && !std::is_same_v<Integer, bool> &&
                                                sizeof(Integer) <= sizeof(std::int64_t),
                                            int> = 0>
  constexpr RecordId(Integer value) noexcept : value_(static_cast<std::int64_t>(value)) {}

  [[nodiscard]] constexpr std::int64_t value() const noexcept { return value_; }

 private:
  std::int64_t value_;
};

/// What webhooks are executed for: a module and an id, the API's record number, from 1.
struct Record {
  Module module;
  std::int64_t id;

  constexpr Record(Module record_module, RecordId record_id) noexcept : module(record_module), id(record_id.value()) {}

#ifdef __cpp_exceptions
  /// From a module's name. Throws std::invalid_argument for a name that is none.
  Record(std::string_view record_module, RecordId record_id);
#endif

  [[nodiscard]] friend constexpr bool operator==(const Record& a, const Record& b) noexcept {
    return a.module == b.module && a.id == b.id;
  }
  [[nodiscard]] friend constexpr bool operator!=(const Record& a, const Record& b) noexcept { return !(a == b); }
};

/// What is known about one record after a call. A value; copies share the answer.
class Result {
 public:
  /// A copy of what C lent, which must not be NULL.
  explicit Result(const oo_result* result) : Result(result, copy_of_body(result)) {}

  /// What a stand-in for the client says; see FakeClient.
  Result(Status status, std::optional<Module> module, std::int64_t id, std::string message, int error_code = 0,
         int http_status = 0)
      : status_(status),
        outcome_(oo::outcome(status)),
        module_(module),
        id_(id),
        http_status_(http_status),
        error_code_(error_code),
        message_(std::move(message)) {}

  /// What happened.
  [[nodiscard]] Status status() const noexcept { return status_; }
  /// What the caller may do next.
  [[nodiscard]] Outcome outcome() const noexcept { return outcome_; }
  /// The record's module; none when the call was refused because it is unknown.
  [[nodiscard]] std::optional<Module> module() const noexcept { return module_; }
  /// The record's id, as it was given.
  [[nodiscard]] std::int64_t id() const noexcept { return id_; }
  /// The HTTP status of the answer; 0 when none came.
  [[nodiscard]] int http_status() const noexcept { return http_status_; }
  /// onOffice's error code; 0 when it gave none.
  [[nodiscard]] int error_code() const noexcept { return error_code_; }
  /// One line of UTF-8 for a log: the record, what happened, the cause and the cure. Never a token or a secret.
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  /// The answer as received, for all records of its request; none when no whole answer came. It is whatever a
  /// server sent: treat it so. Valid as long as a copy of this result.
  [[nodiscard]] std::optional<std::string_view> body() const noexcept {
    if (!body_) return std::nullopt;
    return std::string_view(*body_);
  }
  /// Whether onOffice said that it executed the record's webhooks.
  [[nodiscard]] bool is_executed() const noexcept { return outcome_ == Outcome::Executed; }

  /// A copy of what C lent.
  [[nodiscard]] static std::vector<Result> all_of(const oo_results* results) {
    std::vector<Result> copies;
    copies.reserve(oo_results_count(results));
    const char* shared = nullptr;
    for (std::size_t index = 0; index < oo_results_count(results); ++index) {
      const oo_result* result = oo_results_get(results, index);
      // The results of one exchange have one answer, which may be large.
      const char* body = oo_result_body(result, nullptr);
      const bool same = index > 0 && body == shared;
      copies.push_back(Result(result, same ? copies.back().body_ : copy_of_body(result)));
      shared = body;
    }
    return copies;
  }

 private:
  using Body = std::shared_ptr<const std::string>;

  Result(const oo_result* result, Body body)
      : status_(static_cast<Status>(oo_result_status(result))),
        outcome_(static_cast<Outcome>(oo_result_outcome(result))),
        id_(oo_result_id(result)),
        http_status_(oo_result_http_status(result)),
        error_code_(oo_result_error_code(result)),
        message_(oo_result_message(result)),
        body_(std::move(body)) {
    if (const char* module = oo_result_module(result)) module_ = to_module(module);
  }

  static Body copy_of_body(const oo_result* result) {
    std::size_t length = 0;
    const char* body = oo_result_body(result, &length);
    return body ? std::make_shared<const std::string>(body, length) : nullptr;
  }

  Status status_;
  Outcome outcome_;
  std::optional<Module> module_;
  std::int64_t id_;
  int http_status_;
  int error_code_;
  std::string message_;
  Body body_;
};

#ifdef __cpp_exceptions

/// What execute_... throws when webhooks were not executed: one of the four errors below. what() is the
/// message of its result.
class WebhooksError : public std::runtime_error {
 public:
  explicit WebhooksError(Result result) : WebhooksError(std::vector<Result>{std::move(result)}, 0) {}

  /// About several records; results[index], which must exist, is the one that decided.
  WebhooksError(std::vector<Result> results, std::size_t index)
      : std::runtime_error(results[index].message()),
        results_(std::make_shared<const std::vector<Result>>(std::move(results))),
        index_(index) {}

  /// The result that decided; of several, the first of those that most need attention: in doubt before
  /// rejected, rejected before not sent.
  [[nodiscard]] const Result& result() const noexcept { return (*results_)[index_]; }
  /// The results of all records of the call, executed ones too, in their order.
  [[nodiscard]] const std::vector<Result>& results() const noexcept { return *results_; }

 private:
  // Shared, because an error must be copied without throwing.
  std::shared_ptr<const std::vector<Result>> results_;
  std::size_t index_;
};

/// onOffice answered that it did not do it: fix the cause, a repeat is pointless.
class RejectedError : public WebhooksError {
 public:
  using WebhooksError::WebhooksError;
  /// onOffice's error code; 0 when it gave none.
  [[nodiscard]] int error_code() const noexcept { return result().error_code(); }
};

/// No byte of the request can have reached onOffice: retry freely.
class NotSentError : public WebhooksError {
 public:
  using WebhooksError::WebhooksError;
};

/// It may or may not have been executed: decide, a repeat may execute the webhooks twice.
class InDoubtError : public WebhooksError {
 public:
  using WebhooksError::WebhooksError;
};

/// The outbox cannot be read or written; what() names the cause and the cure.
class OutboxError : public WebhooksError {
 public:
  using WebhooksError::WebhooksError;
};

/// Options, library or environment are wrong; nothing was sent.
class ConfigError : public WebhooksError {
 public:
  using WebhooksError::WebhooksError;
};

#endif  // __cpp_exceptions

namespace detail {

template <auto Free>
struct Freed {
  template <class Handle>
  void operator()(Handle* handle) const noexcept {
    Free(handle);
  }
};

template <class Handle, auto Free>
using Owned = std::unique_ptr<Handle, Freed<Free>>;

inline constexpr std::uint32_t abi_version = 1;

inline bool library_fits() noexcept { return oo_abi_version() == abi_version; }

inline std::string misfit() {
  return "the library loaded has version " + std::to_string(oo_abi_version()) + " of the C API, this header is for " +
         std::to_string(abi_version) + ": install the liboo_webhooks.so.1 that belongs to it";
}

inline bool has_nul(std::string_view text) noexcept { return text.find('\0') != std::string_view::npos; }

/// Text as C takes it. It is overwritten at the end, since it may be a secret.
class Text {
 public:
  explicit Text(std::string_view text) : copy_(text) {}
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  ~Text() {
    volatile char* bytes = copy_.data();
    for (std::size_t index = 0; index < copy_.size(); ++index) bytes[index] = '\0';
  }

  [[nodiscard]] const char* c_str() const noexcept { return copy_.c_str(); }

 private:
  std::string copy_;
};

inline constexpr const char* nul_in_module =
    "the module has a NUL in it: use \"estate\", \"address\", \"task\" or \"calendar\"";
inline constexpr const char* closed = "the client was closed or moved from: make a new one";

/// What forbid_real_calls wants to be told; see oo_webhooks_fake.hpp.
using RealCallReport = void (*)(const char* message);
inline std::atomic<RealCallReport> real_call_report{nullptr};

/// The first of the results that most need attention: in doubt before rejected, rejected before not sent.
inline std::size_t most_urgent(const std::vector<Result>& results) noexcept {
  std::size_t worst = 0;
  for (std::size_t index = 1; index < results.size(); ++index) {
    const auto first = static_cast<std::int32_t>(results[worst].status());
    const auto second = static_cast<std::int32_t>(results[index].status());
    // Equal ones are told without the library, because a library that does not fit gives the same for all.
    if (first != second && oo_status_worst(first, second) != first) worst = index;
  }
  return worst;
}

#ifdef __cpp_exceptions

/// Throws what results[index], which is not executed, asks for.
[[noreturn]] inline void throw_error(std::vector<Result> results, std::size_t index) {
  switch (results[index].status()) {
    case Status::InvalidArgument:
    case Status::InvalidModule:
    case Status::InvalidId: throw std::invalid_argument(results[index].message());
    case Status::InvalidOption:
    case Status::NotConfigured: throw ConfigError(std::move(results), index);
    case Status::OutboxFailed: throw OutboxError(std::move(results), index);
    default: break;
  }
  switch (results[index].outcome()) {
    case Outcome::Rejected: throw RejectedError(std::move(results), index);
    case Outcome::NotSent: throw NotSentError(std::move(results), index);
    default: throw InDoubtError(std::move(results), index);
  }
}

[[noreturn]] inline void throw_error(Result result) { throw_error(std::vector<Result>{std::move(result)}, 0); }

#endif  // __cpp_exceptions

}  // namespace detail

#ifdef __cpp_exceptions

inline Record::Record(std::string_view record_module, RecordId record_id) : id(record_id.value()) {
  const std::optional<Module> known = to_module(record_module);
  if (!known) {
    throw std::invalid_argument("unknown module \"" + std::string(record_module.substr(0, 40)) +
                                "\": use \"estate\", \"address\", \"task\" or \"calendar\"");
  }
  module = *known;
}

#endif  // __cpp_exceptions

/// What a client is made of. Nothing here throws: a setting that is refused makes the Client refuse, and
/// message() says why. Setters return the options, so they can be chained; each copies what it is given.
///
/// Move-only; used by one thread at a time. Token and secret are zeroed when it and its clients are gone.
class Options {
 public:
  /// The defaults, without credentials.
  Options() noexcept {
    oo_options* options = nullptr;
    if (detail::library_fits()) oo_options_new(&options);
    options_.reset(options);
  }

  /// The defaults, with the token and the secret of an API user.
  Options(std::string_view token, std::string_view secret) noexcept : Options() { credentials(token, secret); }

  /// From ON_OFFICE_TOKEN, ON_OFFICE_SECRET, ON_OFFICE_URL, ON_OFFICE_CA_FILE, ON_OFFICE_PROXY and
  /// ON_OFFICE_TIMEOUT_MS, where one that is empty counts as not set. A setter can still put right what is
  /// missing or wrong there.
  [[nodiscard]] static Options from_environment() noexcept {
    oo_options* options = nullptr;
    if (detail::library_fits()) oo_options_from_env(&options);
    return Options(options);
  }

  /// The token, 32 characters, and the secret, 64 characters.
  Options& credentials(std::string_view token, std::string_view secret) noexcept {
    const detail::Text token_text(token), secret_text(secret);
    return set("token or secret", detail::has_nul(token) || detail::has_nul(secret),
               [&] { return oo_options_set_credentials(options_.get(), token_text.c_str(), secret_text.c_str()); });
  }

  /// The URL of the API: https://, or http:// to a loopback host. The default is onOffice's stable one.
  Options& url(std::string_view url) noexcept { return set("the URL", url, oo_options_set_url); }

  /// A PEM file of certificate authorities to trust instead of the bundled ones; read at once.
  Options& ca_file(std::string_view path) noexcept { return set("the CA file", path, oo_options_set_ca_file); }

  /// An HTTP proxy that is asked for a tunnel; none unless set.
  Options& proxy(std::string_view url) noexcept { return set("the proxy", url, oo_options_set_proxy); }

  /// The time for TCP connection and TLS handshake together: 1 ms to 1 day, 5 s unless set.
  Options& connect_timeout(std::chrono::milliseconds timeout) noexcept {
    return set("the connect timeout", false,
               [&] { return oo_options_set_connect_timeout_ms(options_.get(), timeout.count()); });
  }

  /// The time for a whole call: 1 ms to 1 day, 30 s unless set.
  Options& timeout(std::chrono::milliseconds timeout) noexcept {
    return set("the timeout", false, [&] { return oo_options_set_timeout_ms(options_.get(), timeout.count()); });
  }

  /// Why a Client would refuse these options, in one line; empty when it would take them.
  [[nodiscard]] std::string message() const {
    if (!detail::library_fits()) return detail::misfit();
    if (!options_) return "the options were moved from: make new ones";
    if (!unreadable_.empty()) return unreadable_ + " is not UTF-8 or has a NUL in it: make new options without";
    const char* refused = oo_options_message(options_.get());
    return refused ? refused : "";
  }

  /// For calls of the C API; NULL when moved from or when the library does not fit. Stays owned by this.
  [[nodiscard]] oo_options* handle() noexcept { return options_.get(); }
  /// The same, not to be changed.
  [[nodiscard]] const oo_options* handle() const noexcept { return options_.get(); }

 private:
  explicit Options(oo_options* options) noexcept : options_(options) {}

  Options& set(const char* what, std::string_view text, oo_status (*setter)(oo_options*, const char*)) noexcept {
    const detail::Text copy(text);
    return set(what, detail::has_nul(text), [&] { return setter(options_.get(), copy.c_str()); });
  }

  /// C remembers the values it refuses but not text that it cannot read, and would cut text at a NUL.
  template <class Setter>
  Options& set(const char* what, bool has_nul, Setter setter) noexcept {
    if (options_ && (has_nul || setter() == OO_STATUS_INVALID_ARGUMENT)) unreadable_ = what;
    return *this;
  }

  friend class Client;
  Status make(detail::Owned<oo_client, oo_client_free>& made) const noexcept {
    if (!detail::library_fits() || !unreadable_.empty()) return Status::InvalidOption;
    oo_client* client = nullptr;
    const auto status = static_cast<Status>(oo_client_new(options_.get(), &client));
    made.reset(client);
    return status;
  }

  detail::Owned<oo_options, oo_options_free> options_;
  std::string unreadable_;
};

/// Executes webhooks: a Client, or a FakeClient in tests. Code that takes a `const oo::Executor&` works with both.
///
/// execute_all and its like take 500 records at the most, each once, and execute them in one exchange. They give
/// one result a record, in order. When a record is refused nothing is sent, and all results say so.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Opens a connection ahead, unless one waits already, so that the next call pays no handshake: while the
  /// record is being saved, say. Nothing of a request is sent. Status::Ok when there is one; otherwise why not,
  /// and the next call tries again. 0 is the client's connect timeout, which it never exceeds. A FakeClient
  /// has none to open, and says Ok.
  Status connect(std::chrono::milliseconds timeout = std::chrono::milliseconds(0)) const noexcept {
    return is_open() ? do_connect(timeout) : Status::InvalidArgument;
  }

#ifdef __cpp_exceptions
  /// Executes all active marketplace webhooks of a record that was just saved, waits for the answer, and
  /// returns a result that is executed.
  ///
  /// Throws RejectedError, NotSentError, InDoubtError, ConfigError; std::invalid_argument for a wrong module
  /// or id; std::logic_error when the client was closed or moved from.
  Result execute_webhooks(Module module, RecordId id) const { return execute_webhooks(name(module), id); }
  /// The same, with the module's name.
  Result execute_webhooks(std::string_view module, RecordId id) const;

  /// Executes the webhooks of several records and returns their results, which are all executed.
  ///
  /// Throws as execute_webhooks does, by the result that most needs attention; the error has all results.
  /// No record at all, and one that is there twice, are std::invalid_argument.
  std::vector<Result> execute_all(const std::vector<Record>& records) const;
#endif

  /// Executes the webhooks of one record and reports what is known afterwards.
  [[nodiscard]] Result try_execute_webhooks(Module module, RecordId id) const noexcept {
    return do_execute(name(module), id.value());
  }
  /// The same, with the module's name.
  [[nodiscard]] Result try_execute_webhooks(std::string_view module, RecordId id) const noexcept {
    return do_execute(module, id.value());
  }

  /// Executes the webhooks of several records and reports what is known about each. Without a record there is
  /// one result, which says that this is refused.
  [[nodiscard]] std::vector<Result> try_execute_all(const std::vector<Record>& records) const {
    return do_execute_all(records);
  }

#ifdef __cpp_lib_expected
  /// The result as value when it is executed, as error otherwise.
  [[nodiscard]] std::expected<Result, Result> expect_webhooks(Module module, RecordId id) const noexcept {
    return expect_webhooks(name(module), id);
  }
  /// The same, with the module's name.
  [[nodiscard]] std::expected<Result, Result> expect_webhooks(std::string_view module, RecordId id) const noexcept {
    Result result = do_execute(module, id.value());
    if (!result.is_executed()) return std::unexpected(std::move(result));
    return result;
  }

  /// The results as value when all are executed, as error otherwise.
  [[nodiscard]] std::expected<std::vector<Result>, std::vector<Result>> expect_all(
      const std::vector<Record>& records) const {
    std::vector<Result> results = do_execute_all(records);
    const bool all = std::all_of(results.begin(), results.end(), [](const Result& one) { return one.is_executed(); });
    if (!all) return std::unexpected(std::move(results));
    return results;
  }
#endif

  /// Lets go of what the client holds, before its end; further calls are refused. The connections stay with
  /// the process. Not while another thread is in a call.
  virtual void close() noexcept = 0;
  /// Whether calls are possible.
  [[nodiscard]] virtual bool is_open() const noexcept = 0;

 protected:
  Executor() = default;
  Executor(const Executor&) = default;
  Executor(Executor&&) = default;
  Executor& operator=(const Executor&) = default;
  Executor& operator=(Executor&&) = default;

 private:
  virtual Status do_connect(std::chrono::milliseconds) const noexcept { return Status::Ok; }
  virtual Result do_execute(std::string_view module, std::int64_t id) const noexcept = 0;
  virtual std::vector<Result> do_execute_all(const std::vector<Record>& records) const = 0;

#ifdef __cpp_exceptions
  /// A client that is not open refuses all arguments; one that was never made says InvalidOption or NotConfigured.
  void throw_if_closed(const Result& result) const {
    if (!is_open() && result.status() == Status::InvalidArgument) throw std::logic_error(result.message());
  }
#endif
};

#ifdef __cpp_exceptions

inline Result Executor::execute_webhooks(std::string_view module, RecordId id) const {
  Result result = do_execute(module, id.value());
  if (result.is_executed()) return result;
  throw_if_closed(result);
  detail::throw_error(std::move(result));
}

inline std::vector<Result> Executor::execute_all(const std::vector<Record>& records) const {
  std::vector<Result> results = do_execute_all(records);
  const std::size_t index = detail::most_urgent(results);
  if (results[index].is_executed()) return results;
  throw_if_closed(results[index]);
  detail::throw_error(std::move(results), index);
}

#endif  // __cpp_exceptions

/// Executes webhooks at onOffice. Making one is cheap and opens nothing: connections belong to the process,
/// outlive every client, and are shared by clients with the same URL, CA file, proxy and timeouts.
///
/// Move-only. Any number of threads may use one at a time. It goes on working in a forked child, with
/// connections of the child's own.
class Client final : public Executor {
 public:
#ifdef __cpp_exceptions
  /// Throws ConfigError when the options are refused or the library does not fit this header.
  explicit Client(const Options& options) : Client(options, std::nothrow) {
    if (!client_) detail::throw_error(Result(refused_, std::nullopt, 0, message_));
  }

  /// From the environment, as Options::from_environment reads it. Throws ConfigError.
  [[nodiscard]] static Client from_environment() { return Client(Options::from_environment()); }
#endif

  /// Throws nothing: with options that are refused the client is not open, message() says why, and so does
  /// every result that it gives.
  Client(const Options& options, std::nothrow_t) noexcept {
    refused_ = options.make(client_);
    if (!client_) message_ = options.message();
  }

  /// From the environment, and throws nothing.
  [[nodiscard]] static Client from_environment(std::nothrow_t) noexcept {
    return Client(Options::from_environment(), std::nothrow);
  }

  void close() noexcept override { client_.reset(); }
  [[nodiscard]] bool is_open() const noexcept override { return client_ != nullptr; }

  /// Why the client is not open, in one line; empty when it is.
  [[nodiscard]] std::string message() const {
    if (client_) return "";
    return message_.empty() ? detail::closed : message_;
  }

  /// For calls of the C API; NULL when the client is not open. Stays owned by this.
  [[nodiscard]] const oo_client* handle() const noexcept { return client_.get(); }

 private:
  Status do_connect(std::chrono::milliseconds timeout) const noexcept override {
    if (const auto report = detail::real_call_report.load()) {
      report("a connection is opened while real calls are forbidden: use a FakeClient");
      return Status::InvalidArgument;
    }
    return static_cast<Status>(oo_client_connect(client_.get(), timeout.count()));
  }
  Result do_execute(std::string_view module, std::int64_t id) const noexcept override;
  std::vector<Result> do_execute_all(const std::vector<Record>& records) const override;
  std::optional<Result> unusable(std::string_view module, std::int64_t id) const;

  detail::Owned<oo_client, oo_client_free> client_;
  // Both are of a client that was never made.
  Status refused_;
  std::string message_;
};

/// Records to execute in one HTTP exchange, for callers with an HTTP client of their own: sign it, send the
/// body by POST as application/json to the API's URL, and have the answer parsed.
///
/// Move-only; used by one thread at a time.
class Request {
 public:
  /// A request without a record yet.
  Request() noexcept {
    oo_request* request = nullptr;
    if (detail::library_fits()) oo_request_new(&request);
    request_.reset(request);
  }

#ifdef __cpp_exceptions
  /// Adds a record; a request takes 500, each once. What was signed before is void.
  ///
  /// Throws std::invalid_argument when the record is refused, which leaves the request as it was;
  /// ConfigError when the library does not fit this header; std::logic_error when moved from.
  Request& add(Module module, RecordId id) { return add(name(module), id); }
  /// The same, with the module's name.
  Request& add(std::string_view module, RecordId id);
#endif

  /// Adds a record; Status::Ok, or why it was refused, which message() explains.
  [[nodiscard]] Status try_add(Module module, RecordId id) noexcept { return try_add(name(module), id); }
  /// The same, with the module's name.
  [[nodiscard]] Status try_add(std::string_view module, RecordId id) noexcept;

  /// The number of records.
  [[nodiscard]] std::size_t count() const noexcept { return request_ ? oo_request_count(request_.get()) : 0; }

#ifdef __cpp_exceptions
  /// Signs the request with the client's credentials for a time in Unix seconds, and lends the JSON to send,
  /// which holds the token: valid until the request is changed or gone. onOffice accepts it within 120 s of
  /// that time, so sign just before sending, and anew for every try.
  ///
  /// Throws std::invalid_argument without a record or for a negative time; std::logic_error when the request
  /// was moved from or the client is not open.
  [[nodiscard]] std::string_view sign(const Client& client, std::int64_t unix_seconds);
  /// The same, for the time it is now.
  [[nodiscard]] std::string_view sign(const Client& client) { return sign(client, now()); }
#endif

  /// Signs; Status::Ok, and then body() is what to send, or why it was refused, which message() explains.
  [[nodiscard]] Status try_sign(const Client& client, std::int64_t unix_seconds) noexcept {
    if (!request_) return refuse();
    return note(static_cast<Status>(oo_request_sign(request_.get(), client.handle(), unix_seconds)));
  }
  /// The same, for the time it is now.
  [[nodiscard]] Status try_sign(const Client& client) noexcept { return try_sign(client, now()); }

  /// The signed JSON, as sign lends it; empty when the request is not signed.
  [[nodiscard]] std::string_view body() const noexcept {
    if (!request_) return {};
    std::size_t length = 0;
    const char* body = oo_request_body(request_.get(), &length);
    return body ? std::string_view(body, length) : std::string_view();
  }

  /// Why the last record or signing was refused, in one line; empty when it was not.
  [[nodiscard]] const std::string& message() const noexcept { return message_; }

#ifdef __cpp_exceptions
  /// Understands the answer: its HTTP status and its body, decompressed. Gives one result a record, in order,
  /// whatever their outcome. Call it only with a whole answer; without one the outcome is in doubt, if
  /// anything was sent.
  ///
  /// Throws std::invalid_argument without a record and for an HTTP status outside 100 to 999.
  [[nodiscard]] std::vector<Result> parse_response(int http_status, std::string_view body) const;
#endif

  /// The same without throwing: what parse_response refuses is in doubt for every record.
  [[nodiscard]] std::vector<Result> try_parse_response(int http_status, std::string_view body) const;

  /// For calls of the C API; NULL when moved from or when the library does not fit. Stays owned by this. A
  /// record that C adds is not known to try_parse_response.
  [[nodiscard]] oo_request* handle() noexcept { return request_.get(); }
  /// The same, not to be changed.
  [[nodiscard]] const oo_request* handle() const noexcept { return request_.get(); }

 private:
  struct Added {
    std::optional<Module> module;
    std::int64_t id;
  };

  static constexpr const char* moved_from = "the request was moved from: make a new one";

  static std::int64_t now() noexcept {
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(since_1970).count();
  }

  /// What every function does without a handle.
  Status refuse() noexcept {
    const bool fits = detail::library_fits();
    message_ = fits ? moved_from : detail::misfit();
    return fits ? Status::InvalidArgument : Status::InvalidOption;
  }

  /// Keeps the message that belongs to a status.
  Status note(Status status) noexcept {
    const char* refused = oo_request_message(request_.get());
    message_ = refused ? refused : "";
    return status;
  }

  /// The results, or none when the arguments were refused.
  std::optional<std::vector<Result>> parse(int http_status, std::string_view body) const {
    if (!request_) return std::nullopt;
    oo_results* results = nullptr;
    oo_request_parse_response(request_.get(), http_status, body.data(), body.size(), &results);
    const detail::Owned<oo_results, oo_results_free> owned(results);
    if (!owned) return std::nullopt;
    return Result::all_of(owned.get());
  }

#ifdef __cpp_exceptions
  void demand_handle() const {
    if (!detail::library_fits()) {
      throw ConfigError(Result(Status::InvalidOption, std::nullopt, 0, detail::misfit()));
    }
    if (!request_) throw std::logic_error(moved_from);
  }

  void throw_if_refused(Status status) const {
    if (status != Status::Ok) detail::throw_error(Result(status, std::nullopt, 0, message_));
  }
#endif

  detail::Owned<oo_request, oo_request_free> request_;
  std::vector<Added> added_;
  std::string message_;
};

/// Where a record of an outbox is.
enum class OutboxState : std::int32_t {
  /// It will be sent, now or after a pause.
  Waiting = OO_OUTBOX_STATE_WAITING,
  /// It is being sent, or its sender died and no drain has seen it since.
  Sending = OO_OUTBOX_STATE_SENDING,
  /// It may or may not have been executed. It is held for a person, or until it is saved again.
  Doubt = OO_OUTBOX_STATE_DOUBT,
  /// It was not executed and is not tried again, unless a person says so or it is saved again.
  Failed = OO_OUTBOX_STATE_FAILED,
};

/// What becomes of a record that is in doubt.
enum class WhenInDoubt : std::int32_t {
  /// It is held for a person: executed at most once.
  Hold = OO_OUTBOX_IN_DOUBT_HOLD,
  /// It is sent again after a pause, for a day at most: executed at least once, perhaps twice.
  Resend = OO_OUTBOX_IN_DOUBT_RESEND,
  /// It is counted and forgotten: executed at most once, perhaps never.
  Drop = OO_OUTBOX_IN_DOUBT_DROP,
};

/// How many records are in each state, and how many files were set aside since they are no record's.
struct OutboxCounts {
  std::int64_t waiting = 0, sending = 0, doubt = 0, failed = 0, corrupt = 0;
};

/// A record that an outbox holds.
struct OutboxEntry {
  Record record;
  OutboxState state;
  /// When it got into its state, in Unix milliseconds; while it waits, when it was last saved or first tried in vain.
  std::int64_t since_ms;
  /// When it is due, in Unix milliseconds; none unless it waits.
  std::optional<std::int64_t> due_ms;
  /// The status of the last try; none before the first.
  std::optional<Status> status;
  /// onOffice's error code in the last try; 0 when it gave none.
  int error_code;
  /// One line about the last try; empty before the first. Never a token or a secret.
  std::string message;
};

/// What a drain did: how many records left their place for which reason.
struct DrainReport {
  /// Records that were sent, or tried to be.
  std::int64_t tried = 0;
  std::int64_t executed = 0;
  /// Not a byte was sent; they wait for the next try.
  std::int64_t not_sent = 0;
  /// They were not sent for a day, and have failed.
  std::int64_t given_up = 0;
  std::int64_t rejected = 0;
  /// In doubt, and held for a person.
  std::int64_t held = 0;
  std::int64_t resent = 0;
  std::int64_t dropped = 0;
  /// They were in doubt or had failed, and a newer save made them wait again.
  std::int64_t superseded = 0;
  /// Files that are no record's, set aside.
  std::int64_t corrupt = 0;
  /// Their sender had died while it was sending; counted under what became of them too.
  std::int64_t sender_died = 0;
  /// Writers had died before their save; what they left was removed.
  std::int64_t abandoned = 0;
  /// Somebody else was sending them.
  std::int64_t busy = 0;
  /// Ok when nothing more was due or a limit was reached; otherwise why the drain ended early.
  Status status = Status::Ok;
  /// Why it ended early, in one line; empty when it did not.
  std::string message;
};

/// What saves records: an Outbox, or a FakeOutbox in tests. Code that saves takes an `oo::RecordSaver&`.
class RecordSaver {
 public:
  virtual ~RecordSaver() = default;

#ifdef __cpp_exceptions
  /// Saves that a record's webhooks are to be executed. A record that waits already stays one.
  ///
  /// Throws OutboxError when it is not saved, as on a full disk, and nothing is half-written then;
  /// std::invalid_argument for a wrong module or id.
  void put(Module module, RecordId id) { put(name(module), id); }
  /// The same, with the module's name.
  void put(std::string_view module, RecordId id) { throw_unless_ok(do_put(module, id.value())); }
#endif

  /// The same without throwing: Status::Ok, or why it is not saved, which message() explains.
  [[nodiscard]] Status try_put(Module module, RecordId id) noexcept { return do_put(name(module), id.value()); }
  /// The same, with the module's name.
  [[nodiscard]] Status try_put(std::string_view module, RecordId id) noexcept { return do_put(module, id.value()); }

  /// Why the last call failed, in one line; empty when it did not.
  [[nodiscard]] const std::string& message() const noexcept { return message_; }

 protected:
  RecordSaver() = default;
  RecordSaver(const RecordSaver&) = delete;
  RecordSaver(RecordSaver&&) = default;
  RecordSaver& operator=(const RecordSaver&) = delete;
  RecordSaver& operator=(RecordSaver&&) = default;

#ifdef __cpp_exceptions
  void throw_unless_ok(Status status) const {
    if (status != Status::Ok) detail::throw_error(Result(status, std::nullopt, 0, message_));
  }
#endif

  std::string message_;

 private:
  virtual Status do_put(std::string_view module, std::int64_t id) noexcept = 0;
};

/// A folder in which records wait until their webhooks are executed: a save takes microseconds, and repeated
/// saves of a record become one call. A worker, or drain, executes what is due.
///
/// Move-only; used by one thread at a time. Any number of threads and processes may each have one of a folder.
class Outbox final : public RecordSaver {
 public:
#ifdef __cpp_exceptions
  /// The folder exists; what is missing in it is made. Throws OutboxError, std::invalid_argument for a path that
  /// is no text, and ConfigError when the library does not fit this header.
  explicit Outbox(std::string_view path) : Outbox(path, std::nothrow) { throw_unless_ok(opened_); }
#endif

  /// Throws nothing: message() says why the folder could not be opened, and every call fails alike.
  Outbox(std::string_view path, std::nothrow_t) noexcept {
    if (!detail::library_fits()) {
      message_ = detail::misfit();
      opened_ = Status::InvalidOption;
    } else if (detail::has_nul(path)) {
      message_ = "the path of the outbox has a NUL in it: give one without";
      opened_ = Status::InvalidArgument;
    } else {
      const detail::Text text(path);
      oo_outbox* outbox = nullptr;
      opened_ = static_cast<Status>(oo_outbox_open(text.c_str(), &outbox));
      outbox_.reset(outbox);
      note(opened_);
    }
  }

  /// Whether saves survive a power cut; off unless set.
  Outbox& fsync(bool on) noexcept {
    oo_outbox_set_fsync(outbox_.get(), on ? 1 : 0);
    return *this;
  }

  /// What a drain does with a record that is in doubt; it is held unless set.
  Outbox& when_in_doubt(WhenInDoubt wish) noexcept {
    oo_outbox_set_in_doubt(outbox_.get(), static_cast<std::int32_t>(wish));
    return *this;
  }

  /// Executes what is due, one record at a time and the longest due first, and settles each. At most `max` records
  /// are sent, and no sending is begun after the deadline; 0 is no limit.
  ///
  /// It throws nothing: the report's status says why it ended early, as when the network, onOffice or the
  /// credentials fail. Wait before the next drain then.
  DrainReport drain(const Client& client, std::int64_t max = 0,
                    std::chrono::milliseconds deadline = std::chrono::milliseconds(0)) noexcept {
    DrainReport done;
    const auto refuse = [&](Status status, std::string why) {
      done.status = status;
      done.message = message_ = std::move(why);
      return done;
    };
    if (const auto report = detail::real_call_report.load()) {
      const std::string why = "real calls of a drain while real calls are forbidden: do not drain in this test";
      report(why.c_str());
      return refuse(Status::InvalidArgument, why);
    }
    if (!outbox_) return refuse(refused(), message_);
    if (!client.is_open()) return refuse(Status::InvalidArgument, client.message());

    oo_outbox_report* given = nullptr;
    done.status =
        note(static_cast<Status>(oo_outbox_drain(outbox_.get(), client.handle(), max, deadline.count(), &given)));
    done.message = message_;
    const detail::Owned<oo_outbox_report, oo_outbox_report_free> report(given);
    if (!report) return done;
    const auto count = [&](oo_outbox_reason reason) { return oo_outbox_report_count(report.get(), reason); };
    done.tried = oo_outbox_report_tried(report.get());
    done.executed = count(OO_OUTBOX_REASON_EXECUTED);
    done.not_sent = count(OO_OUTBOX_REASON_NOT_SENT);
    done.given_up = count(OO_OUTBOX_REASON_GIVEN_UP);
    done.rejected = count(OO_OUTBOX_REASON_REJECTED);
    done.held = count(OO_OUTBOX_REASON_HELD);
    done.resent = count(OO_OUTBOX_REASON_RESENT);
    done.dropped = count(OO_OUTBOX_REASON_DROPPED);
    done.superseded = count(OO_OUTBOX_REASON_SUPERSEDED);
    done.corrupt = count(OO_OUTBOX_REASON_CORRUPT);
    done.sender_died = count(OO_OUTBOX_REASON_SENDER_DIED);
    done.abandoned = count(OO_OUTBOX_REASON_ABANDONED);
    done.busy = count(OO_OUTBOX_REASON_BUSY);
    const char* why = oo_outbox_report_message(report.get());
    done.message = why ? why : "";
    return done;
  }

#ifdef __cpp_exceptions
  /// How many records are in each state. Every file name is read for it. Throws OutboxError.
  [[nodiscard]] OutboxCounts counts() {
    OutboxCounts counts;
    throw_unless_ok(count_all(counts));
    return counts;
  }

  /// The records in a state, the oldest first, `max` of them at most; 0 is no limit. Throws OutboxError, and
  /// std::invalid_argument for a negative maximum.
  [[nodiscard]] std::vector<OutboxEntry> list(OutboxState state, std::int64_t max = 0) {
    std::vector<OutboxEntry> entries;
    throw_unless_ok(list_all(state, max, entries));
    return entries;
  }

  /// Has a record that is in doubt or has failed sent again. One that was executed is executed twice by that.
  /// Throws std::invalid_argument when it is neither, or is being sent; OutboxError.
  void retry(const Record& record) { throw_unless_ok(try_retry(record)); }
  /// The same, unless the record is not as it was when it was listed.
  void retry(const OutboxEntry& entry) { throw_unless_ok(try_retry(entry)); }

  /// Has a record that waits, is in doubt or has failed forgotten: it is not executed. Throws
  /// std::invalid_argument when it is not there, or is being sent; OutboxError.
  void drop(const Record& record) { throw_unless_ok(try_drop(record)); }
  /// The same, unless the record is not as it was when it was listed.
  void drop(const OutboxEntry& entry) { throw_unless_ok(try_drop(entry)); }
#endif

  /// As counts; none when it failed, which message() explains.
  [[nodiscard]] std::optional<OutboxCounts> try_counts() noexcept {
    OutboxCounts counts;
    if (count_all(counts) != Status::Ok) return std::nullopt;
    return counts;
  }

  /// As list; none when it failed, which message() explains.
  [[nodiscard]] std::optional<std::vector<OutboxEntry>> try_list(OutboxState state, std::int64_t max = 0) {
    std::vector<OutboxEntry> entries;
    if (list_all(state, max, entries) != Status::Ok) return std::nullopt;
    return entries;
  }

  /// As retry; Status::Ok, or why not, which message() explains.
  [[nodiscard]] Status try_retry(const Record& record) noexcept { return decide(oo_outbox_retry, record, 0); }
  /// The same, unless the record is not as it was when it was listed.
  [[nodiscard]] Status try_retry(const OutboxEntry& entry) noexcept {
    return decide(oo_outbox_retry, entry.record, entry.since_ms);
  }

  /// As drop; Status::Ok, or why not, which message() explains.
  [[nodiscard]] Status try_drop(const Record& record) noexcept { return decide(oo_outbox_drop, record, 0); }
  /// The same, unless the record is not as it was when it was listed.
  [[nodiscard]] Status try_drop(const OutboxEntry& entry) noexcept {
    return decide(oo_outbox_drop, entry.record, entry.since_ms);
  }

  /// For calls of the C API; NULL when moved from or when there is no library that fits. Stays owned by this.
  [[nodiscard]] oo_outbox* handle() noexcept { return outbox_.get(); }

 private:
  Status do_put(std::string_view module, std::int64_t id) noexcept override {
    if (!outbox_) return refused();
    if (detail::has_nul(module)) {
      message_ = detail::nul_in_module;
      return Status::InvalidModule;
    }
    const detail::Text text(module);
    return note(static_cast<Status>(oo_outbox_put(outbox_.get(), text.c_str(), id)));
  }

  Status count_all(OutboxCounts& counts) noexcept {
    if (!outbox_) return refused();
    Status status = Status::Ok;
    std::int64_t* const numbers[] = {&counts.waiting, &counts.sending, &counts.doubt, &counts.failed, &counts.corrupt};
    std::int32_t state = OO_OUTBOX_STATE_WAITING;
    for (std::int64_t* number : numbers) {
      if (status == Status::Ok) status = note(static_cast<Status>(oo_outbox_count(outbox_.get(), state++, number)));
    }
    return status;
  }

  Status list_all(OutboxState state, std::int64_t max, std::vector<OutboxEntry>& entries) {
    if (!outbox_) return refused();
    oo_outbox_entries* given = nullptr;
    const auto number = static_cast<std::int32_t>(state);
    const Status status = note(static_cast<Status>(oo_outbox_list(outbox_.get(), number, max, &given)));
    const detail::Owned<oo_outbox_entries, oo_outbox_entries_free> owned(given);
    for (std::size_t index = 0; index < oo_outbox_entries_count(given); ++index) {
      const std::optional<Module> module = to_module(oo_outbox_entries_module(given, index));
      if (!module) continue;  // One that only a later version of the library knows.
      const std::int64_t due = oo_outbox_entries_due_ms(given, index);
      const auto last = static_cast<Status>(oo_outbox_entries_status(given, index));
      entries.push_back({{*module, oo_outbox_entries_id(given, index)},
                         state,
                         oo_outbox_entries_since_ms(given, index),
                         due == 0 ? std::nullopt : std::optional<std::int64_t>(due),
                         last == Status::Ok ? std::nullopt : std::optional<Status>(last),
                         oo_outbox_entries_error_code(given, index),
                         oo_outbox_entries_message(given, index)});
    }
    return status;
  }

  Status decide(oo_status (*decision)(oo_outbox*, const char*, std::int64_t, std::int64_t), const Record& record,
                std::int64_t since_ms) noexcept {
    if (!outbox_) return refused();
    const detail::Text module(name(record.module));
    return note(static_cast<Status>(decision(outbox_.get(), module.c_str(), record.id, since_ms)));
  }

  /// What every call does without a handle.
  Status refused() noexcept {
    if (opened_ == Status::Ok) {
      message_ = "the outbox was moved from: open it anew";
      return Status::InvalidArgument;
    }
    return opened_;
  }

  Status note(Status status) noexcept {
    const char* why = oo_outbox_message(outbox_.get());
    message_ = why ? why : "";
    return status;
  }

  detail::Owned<oo_outbox, oo_outbox_free> outbox_;
  Status opened_ = Status::Ok;
};

#ifdef __cpp_exceptions

inline Request& Request::add(std::string_view module, RecordId id) {
  demand_handle();
  throw_if_refused(try_add(module, id));
  return *this;
}

inline std::string_view Request::sign(const Client& client, std::int64_t unix_seconds) {
  demand_handle();
  if (!client.is_open()) throw std::logic_error(client.message());
  throw_if_refused(try_sign(client, unix_seconds));
  return body();
}

inline std::vector<Result> Request::parse_response(int http_status, std::string_view body) const {
  demand_handle();
  std::optional<std::vector<Result>> results = parse(http_status, body);
  if (results) return std::move(*results);
  if (count() == 0) throw std::invalid_argument("the request has no record: there is nothing to parse for");
  throw std::invalid_argument("the HTTP status " + std::to_string(http_status) + " is outside 100 to 999");
}

#endif  // __cpp_exceptions

inline Status Request::try_add(std::string_view module, RecordId id) noexcept {
  if (!request_) return refuse();
  if (detail::has_nul(module)) {
    message_ = detail::nul_in_module;
    return Status::InvalidModule;
  }
  const detail::Text text(module);
  const Status status = note(static_cast<Status>(oo_request_add(request_.get(), text.c_str(), id.value())));
  if (status == Status::Ok) added_.push_back({to_module(module), id.value()});
  return status;
}

inline std::vector<Result> Request::try_parse_response(int http_status, std::string_view body) const {
  if (std::optional<std::vector<Result>> results = parse(http_status, body)) return std::move(*results);
  std::vector<Result> in_doubt;
  for (const Added& record : added_) {
    in_doubt.emplace_back(Status::BadResponse, record.module, record.id,
                          "in doubt: the HTTP status " + std::to_string(http_status) +
                              " is outside 100 to 999, so there is no answer to understand");
  }
  return in_doubt;
}

namespace detail {

/// Puts the records into a request. When one is refused, gives what is then to be said about each of them.
inline std::vector<Result> refusals(const std::vector<Record>& records, Request& request) {
  std::vector<Result> results;
  if (records.empty()) {
    results.emplace_back(Status::InvalidArgument, std::nullopt, 0, "there is no record: give at least one");
    return results;
  }
  for (const Record& refused : records) {
    const Status status = request.try_add(refused.module, refused.id);
    if (status == Status::Ok) continue;
    for (const Record& record : records) {
      const std::string cause = &record == &refused ? "" : "not sent because of another record: ";
      results.emplace_back(status, record.module, record.id, cause + request.message());
    }
    return results;
  }
  return results;
}

}  // namespace detail

inline std::optional<Result> Client::unusable(std::string_view module, std::int64_t id) const {
  const auto refuse = [&](Status status, std::string message) {
    return Result(status, to_module(module), id, std::move(message));
  };
  if (const auto report = detail::real_call_report.load()) {
    const std::string message = "real call for " + std::string(module) + " " + std::to_string(id) +
                                " while real calls are forbidden: use a FakeClient";
    report(message.c_str());
    return refuse(Status::InvalidArgument, message);
  }
  if (client_) return std::nullopt;
  return refuse(message_.empty() ? Status::InvalidArgument : refused_, message());
}

inline Result Client::do_execute(std::string_view module, std::int64_t id) const noexcept {
  if (std::optional<Result> refused = unusable(module, id)) return std::move(*refused);
  if (detail::has_nul(module)) {
    return {Status::InvalidModule, std::nullopt, id, detail::nul_in_module};
  }
  const detail::Text text(module);
  oo_result* result = nullptr;
  const auto status = static_cast<Status>(oo_client_execute_webhooks(client_.get(), text.c_str(), id, &result));
  const detail::Owned<oo_result, oo_result_free> owned(result);
  if (!owned) return {status, to_module(module), id, std::string(oo::message(status))};
  return Result(owned.get());
}

inline std::vector<Result> Client::do_execute_all(const std::vector<Record>& records) const {
  const auto all = [&](Status status, const std::string& message) {
    std::vector<Result> results;
    for (const Record& record : records) results.emplace_back(status, record.module, record.id, message);
    return results;
  };
  if (!records.empty()) {
    const Record& first = records.front();
    if (const auto refused = unusable(name(first.module), first.id)) return all(refused->status(), refused->message());
  }

  Request request;
  std::vector<Result> refused = detail::refusals(records, request);
  if (!refused.empty()) return refused;

  oo_results* results = nullptr;
  const auto status = static_cast<Status>(oo_client_execute_request(client_.get(), request.handle(), &results));
  const detail::Owned<oo_results, oo_results_free> owned(results);
  if (!owned) return all(status, std::string(oo::message(status)));
  return Result::all_of(owned.get());
}

}  // namespace oo
#pragma GCC visibility pop

#endif  // OO_WEBHOOKS_HPP
