/*
 * For tests of code that executes webhooks: a FakeClient instead of a Client, a FakeOutbox instead of an
 * Outbox, and a guard that no real call is made. Code under test takes a `const oo::Executor&`, which either of them is.
 *
 *     const oo::forbid_real_calls guard;
 *     oo::FakeClient client;
 *     save_address(client, 15005);
 *     assert(client.executed() == std::vector<oo::Record>{{oo::Module::Address, 15005}});
 */
#ifndef OO_WEBHOOKS_FAKE_HPP
#define OO_WEBHOOKS_FAKE_HPP

#include <oo_webhooks.hpp>

#include <cstdio>
#include <cstdlib>
#include <mutex>

#pragma GCC visibility push(default)
namespace oo {

/// A client without a network: it refuses wrong arguments as a Client does, and answers everything else as it
/// was told, from the start with Status::Ok. May be shared by threads; neither copied nor moved.
class FakeClient final : public Executor {
 public:
  FakeClient() = default;
  FakeClient(const FakeClient&) = delete;
  FakeClient& operator=(const FakeClient&) = delete;

  /// Answers every record with this status, and with onOffice's error code where there is one.
  FakeClient& answer_with(Status status, int error_code = 0) {
    const std::lock_guard<std::mutex> lock(mutex_);
    answer_ = {status, error_code};
    return *this;
  }

  /// Answers this record with this status, whatever is told for every record.
  FakeClient& answer_with(const Record& record, Status status, int error_code = 0) {
    const std::lock_guard<std::mutex> lock(mutex_);
    answers_.insert(answers_.begin(), {record, {status, error_code}});
    return *this;
  }

  /// The records it was asked to execute, in order and whatever the answer was, repeats included.
  [[nodiscard]] std::vector<Record> executed() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return executed_;
  }

  /// Forgets the records and answers with Status::Ok again.
  void reset() {
    const std::lock_guard<std::mutex> lock(mutex_);
    answer_ = {};
    answers_.clear();
    executed_.clear();
  }

  void close() noexcept override {
    const std::lock_guard<std::mutex> lock(mutex_);
    open_ = false;
  }

  [[nodiscard]] bool is_open() const noexcept override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return open_;
  }

 private:
  struct Answer {
    Status status = Status::Ok;
    int error_code = 0;
  };

  Result do_execute(std::string_view module, std::int64_t id) const noexcept override {
    if (!is_open()) return {Status::InvalidArgument, to_module(module), id, detail::closed};
    Request request;
    const Status status = request.try_add(module, id);
    const std::optional<Module> known = to_module(module);
    if (status != Status::Ok || !known) return {status, known, id, request.message()};
    return answer({*known, id});
  }

  std::vector<Result> do_execute_all(const std::vector<Record>& records) const override {
    std::vector<Result> results;
    if (!is_open()) {
      for (const Record& one : records) {
        results.emplace_back(Status::InvalidArgument, one.module, one.id, detail::closed);
      }
      if (!results.empty()) return results;
    }
    Request request;
    results = detail::refusals(records, request);
    if (!results.empty()) return results;
    for (const Record& record : records) results.push_back(answer(record));
    return results;
  }

  Result answer(const Record& record) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    Answer answer = answer_;
    for (const auto& [told, for_it] : answers_) {
      if (told == record) {
        answer = for_it;
        break;
      }
    }
    executed_.push_back(record);

    std::string message(name(record.module));
    message.append(" ").append(std::to_string(record.id)).append(": ").append(name(answer.status));
    if (answer.error_code != 0) message.append(" (error ").append(std::to_string(answer.error_code)).append(")");
    message.append(", as the fake client was told");
    const Outcome what = oo::outcome(answer.status);
    const bool answered = what == Outcome::Executed || what == Outcome::Rejected;
    return {answer.status, record.module, record.id, std::move(message), answer.error_code, answered ? 200 : 0};
  }

  mutable std::mutex mutex_;
  bool open_ = true;
  Answer answer_;
  std::vector<std::pair<Record, Answer>> answers_;
  mutable std::vector<Record> executed_;
};

/// An outbox without a folder: it refuses wrong arguments as an Outbox does, and keeps the records. Used by one
/// thread at a time.
class FakeOutbox final : public RecordSaver {
 public:
  /// The records that were saved, in order, each once.
  [[nodiscard]] const std::vector<Record>& waiting() const noexcept { return waiting_; }

  /// Every save from now on fails with this message, as on a full disk; an empty one: none does.
  FakeOutbox& fail_with(std::string message) {
    failure_ = std::move(message);
    return *this;
  }

  /// Forgets the records, and saves again.
  void reset() {
    waiting_.clear();
    failure_.clear();
  }

 private:
  Status do_put(std::string_view module, std::int64_t id) noexcept override {
    Request request;
    const Status status = request.try_add(module, id);
    const std::optional<Module> known = to_module(module);
    message_ = request.message();
    if (status != Status::Ok || !known) return status;
    message_ = failure_;
    if (!failure_.empty()) return Status::OutboxFailed;
    const Record record(*known, id);
    if (std::find(waiting_.begin(), waiting_.end(), record) == waiting_.end()) waiting_.push_back(record);
    return Status::Ok;
  }

  std::vector<Record> waiting_;
  std::string failure_;
};

/// While one of these lives, a call of any Client in the process, on any thread, is reported and then refused
/// without being sent. The last one made reports, so they end in the opposite order. It does not see calls of
/// the C API.
class forbid_real_calls {
 public:
  /// The report is a line on stderr and std::abort, because no code under test can swallow that.
  forbid_real_calls() noexcept : forbid_real_calls(abort_with) {}

  /// Reports to a function that marks the test as failed and returns; it must not throw. For doctest:
  ///
  ///     const oo::forbid_real_calls guard([](const char* message) { FAIL_CHECK(message); });
  explicit forbid_real_calls(void (*report)(const char* message)) noexcept
      : before_(detail::real_call_report.exchange(report)) {}

  forbid_real_calls(const forbid_real_calls&) = delete;
  forbid_real_calls& operator=(const forbid_real_calls&) = delete;
  ~forbid_real_calls() { detail::real_call_report.store(before_); }

 private:
  static void abort_with(const char* message) {
    std::fprintf(stderr, "%s\n", message);
    std::abort();
  }

  detail::RealCallReport before_;
};

}  // namespace oo
#pragma GCC visibility pop

#endif  // OO_WEBHOOKS_FAKE_HPP
