// An outbox in a folder: what saves, drains and decisions become in C++.
#include "support/mock.hpp"

#include <oo_webhooks_fake.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

using Records = std::vector<oo::Record>;

static_assert(std::is_nothrow_move_constructible_v<oo::Outbox> && !std::is_copy_constructible_v<oo::Outbox>);
static_assert(noexcept(std::declval<oo::Outbox&>().try_put("task", 1)));

namespace {

/// A folder for one test, and the office.
struct Room : test::Office {
  Room() : path((std::filesystem::temp_directory_path() / "oo-outbox-cpp-XXXXXX").string()) {
    REQUIRE(mkdtemp(path.data()) != nullptr);
  }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  ~Room() { std::filesystem::remove_all(path); }

  std::string path;
};

bool says(const std::string& message, const char* words) { return message.find(words) != std::string::npos; }

}  // namespace

TEST_CASE_FIXTURE(Room, "saves of a record become one call") {
  oo::Outbox outbox(path);
  for (const int id : {7, 8, 7}) outbox.put(oo::Module::Address, id);
  oo::Outbox(path).put("address", 7);
  CHECK(outbox.counts().waiting == 2);
  oo::DrainReport report = outbox.drain(client, 1, std::chrono::minutes(1));
  CHECK(report.tried == 1);
  CHECK(report.executed == 1);
  CHECK(report.status == oo::Status::Ok);
  CHECK(report.message.empty());
  CHECK(outbox.drain(client).executed == 1);
  CHECK(outbox.drain(client).tried == 0);
  CHECK(mock.executed().size() == 2);
}

TEST_CASE_FIXTURE(Room, "what fails is listed, and a person decides") {
  oo::Outbox outbox(path);
  outbox.fsync(true).put("address", 404);
  CHECK(outbox.drain(client).rejected == 1);
  const std::vector<oo::OutboxEntry> failed = outbox.list(oo::OutboxState::Failed);
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].record == oo::Record(oo::Module::Address, 404));
  CHECK(failed[0].status == oo::Status::UnknownRecord);
  CHECK(failed[0].error_code == 292);
  CHECK(!failed[0].due_ms);
  CHECK(says(failed[0].message, "address 404: rejected"));

  oo::OutboxEntry other = failed[0];
  --other.since_ms;
  CHECK(outbox.try_retry(other) == oo::Status::InvalidArgument);
  CHECK(says(outbox.message(), "not as it was"));
  outbox.retry(failed[0]);
  CHECK(outbox.message().empty());
  const std::vector<oo::OutboxEntry> waiting = outbox.try_list(oo::OutboxState::Waiting, 5).value();
  REQUIRE(waiting.size() == 1);
  CHECK(!waiting[0].status);
  CHECK(waiting[0].due_ms);
  CHECK_THROWS_AS(outbox.retry(waiting[0]), std::invalid_argument);
  outbox.drop(waiting[0]);
  CHECK_THROWS_AS(outbox.drop(waiting[0].record), std::invalid_argument);
  CHECK(outbox.try_counts().value().waiting == 0);
}

TEST_CASE_FIXTURE(Room, "a doubt is held, or as the operator chose") {
  mock.fault(R"({"kind": "drop_after_executing"})");
  oo::Outbox outbox(path);
  outbox.put("estate", 7);
  const oo::DrainReport report = outbox.drain(client);
  CHECK(report.held == 1);
  CHECK(report.status == oo::Status::ConnectionLost);
  CHECK(says(report.message, "estate 7"));
  CHECK(outbox.drain(client).tried == 0);
  CHECK(outbox.counts().doubt == 1);
  outbox.put("estate", 7);
  CHECK(outbox.when_in_doubt(oo::WhenInDoubt::Drop).drain(client).dropped == 1);
  outbox.put("estate", 7);
  CHECK(outbox.when_in_doubt(oo::WhenInDoubt::Resend).drain(client).resent == 1);
  CHECK(mock.executed().size() == 3);
}

TEST_CASE_FIXTURE(Room, "errors name the cause, and an outbox that is not open refuses") {
  try {
    oo::Outbox outbox(path + "/missing");
    FAIL("it was opened");
  } catch (const oo::OutboxError& error) {
    CHECK(says(error.what(), "no such file or directory: make the folder with mkdir"));
  }
  oo::Outbox closed(path + "/missing", std::nothrow);
  CHECK(closed.try_put("task", 1) == oo::Status::OutboxFailed);
  CHECK(closed.drain(client).status == oo::Status::OutboxFailed);
  CHECK(!closed.try_counts());
  CHECK(!closed.try_list(oo::OutboxState::Doubt));
  CHECK(says(closed.message(), "missing"));
  CHECK_THROWS_AS(oo::Outbox(std::string_view("a\0b", 3)), std::invalid_argument);

  oo::Outbox outbox(path);
  CHECK_THROWS_AS(outbox.put("tasks", 1), std::invalid_argument);
  CHECK_THROWS_AS(outbox.put("task", 0), std::invalid_argument);
  CHECK(outbox.try_put(std::string_view("task\0", 5), 1) == oo::Status::InvalidModule);
  CHECK_THROWS_AS((void)outbox.list(oo::OutboxState::Failed, -1), std::invalid_argument);
  CHECK(outbox.drain(client, -1).status == oo::Status::InvalidArgument);
  client.close();
  CHECK(outbox.drain(client).status == oo::Status::InvalidArgument);
  const oo::Outbox moved = std::move(outbox);
  CHECK(outbox.try_put("task", 1) == oo::Status::InvalidArgument);
  CHECK(says(outbox.message(), "moved from"));
}

TEST_CASE_FIXTURE(Room, "a drain is a real call") {
  static bool reported = false;
  oo::Outbox outbox(path);
  outbox.put("task", 1);
  const oo::forbid_real_calls guard([](const char*) { reported = true; });
  CHECK(outbox.drain(client).status == oo::Status::InvalidArgument);
  CHECK(reported);
  CHECK(mock.executed().empty());
}

TEST_CASE("the fake keeps what is saved") {
  oo::FakeOutbox fake;
  oo::RecordSaver& saver = fake;
  for (const int id : {1, 2, 1}) saver.put(oo::Module::Task, id);
  CHECK(fake.waiting() == Records{{oo::Module::Task, 1}, {oo::Module::Task, 2}});
  CHECK_THROWS_AS(saver.put("tasks", 1), std::invalid_argument);
  CHECK(saver.try_put("task", 0) == oo::Status::InvalidId);
  fake.fail_with("no space left on device");
  CHECK_THROWS_AS(saver.put("task", 3), oo::OutboxError);
  CHECK(saver.message() == "no space left on device");
  fake.reset();
  CHECK(saver.try_put("task", 3) == oo::Status::Ok);
  CHECK(fake.waiting().size() == 1);
}
