// FakeClient and forbid_real_calls, used as the tests of an app use them.
#include "support/mock.hpp"

#include <oo_webhooks_fake.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <thread>

using Records = std::vector<oo::Record>;

namespace {

/// Stands for the code of an app.
std::string save_address(const oo::Executor& client, std::int64_t id) {
  try {
    client.execute_webhooks(oo::Module::Address, id);
    return "saved";
  } catch (const oo::NotSentError&) {
    return "to be retried";
  } catch (const oo::InDoubtError&) {
    return "to be looked at";
  } catch (const oo::RejectedError& error) {
    return "rejected with " + std::to_string(error.error_code());
  }
}

std::vector<std::string> reports;
void report(const char* message) { reports.emplace_back(message); }

}  // namespace

TEST_CASE("code under test cannot tell a fake client from a real one") {
  oo::FakeClient fake;
  CHECK(save_address(fake, 15005) == "saved");
  CHECK(fake.executed() == Records{{oo::Module::Address, 15005}});

  test::Office office;
  CHECK(save_address(office.client, 15005) == "saved");
  CHECK(office.mock.executed() == fake.executed());
}

TEST_CASE("a fake client answers what it is told, until it is told otherwise") {
  oo::FakeClient fake;
  fake.answer_with(oo::Status::ConnectFailed);
  CHECK(save_address(fake, 1) == "to be retried");
  fake.answer_with(oo::Status::Timeout);
  CHECK(save_address(fake, 2) == "to be looked at");
  fake.answer_with(oo::Status::NotAuthenticated, 137);
  CHECK(save_address(fake, 3) == "rejected with 137");
  CHECK(fake.executed() == Records{{"address", 1}, {"address", 2}, {"address", 3}});

  const oo::Result result = fake.try_execute_webhooks(oo::Module::Task, 4);
  CHECK(result.status() == oo::Status::NotAuthenticated);
  CHECK(result.error_code() == 137);
  CHECK(result.http_status() == 200);
  CHECK(result.module() == oo::Module::Task);
  CHECK(result.message().find("task 4: not_authenticated (error 137)") == 0);

  fake.reset();
  CHECK(fake.executed().empty());
  CHECK(save_address(fake, 5) == "saved");
}

TEST_CASE("a fake client answers a status of a later library") {
  oo::FakeClient fake;
  fake.answer_with(static_cast<oo::Status>(77));
  CHECK(fake.try_execute_webhooks(oo::Module::Task, 1).status() == static_cast<oo::Status>(77));
  CHECK_THROWS_AS(fake.execute_webhooks(oo::Module::Task, 1), oo::InDoubtError);
}

TEST_CASE("a fake client answers a record of its own with what is told for it last") {
  oo::FakeClient fake;
  fake.answer_with({oo::Module::Estate, 7}, oo::Status::Timeout);
  fake.answer_with({oo::Module::Estate, 7}, oo::Status::UnknownRecord, 293)
      .answer_with({"task", 1}, oo::Status::Timeout);
  const std::vector<oo::Result> results =
      fake.try_execute_all({{oo::Module::Address, 7}, {oo::Module::Estate, 7}, {oo::Module::Task, 1}});
  CHECK(results.at(0).is_executed());
  CHECK(results.at(1).error_code() == 293);
  CHECK(results.at(2).outcome() == oo::Outcome::InDoubt);
  CHECK_THROWS_AS(fake.execute_all({{oo::Module::Estate, 7}, {oo::Module::Address, 1}}), oo::RejectedError);
  CHECK_THROWS_AS(fake.execute_all({{oo::Module::Estate, 7}, {oo::Module::Task, 1}}), oo::InDoubtError);
}

TEST_CASE("of several records the first of those that most need attention decides what is thrown") {
  using oo::Status;
  oo::FakeClient fake;
  fake.answer_with({"task", 10}, Status::ConnectFailed).answer_with({"task", 11}, Status::DnsFailed);
  fake.answer_with({"task", 20}, Status::NotAllowed).answer_with({"task", 21}, Status::Rejected);
  fake.answer_with({"task", 30}, Status::Timeout).answer_with({"task", 31}, Status::BadResponse);
  const auto thrown_for = [&](const std::vector<int>& ids) -> std::int64_t {
    Records records;
    for (const int id : ids) records.emplace_back(oo::Module::Task, id);
    try {
      fake.execute_all(records);
    } catch (const oo::InDoubtError& error) {
      CHECK(error.result().id() >= 30);
      return error.result().id();
    } catch (const oo::RejectedError& error) {
      CHECK(error.result().id() / 10 == 2);
      return error.result().id();
    } catch (const oo::NotSentError& error) {
      CHECK(error.result().id() / 10 == 1);
      return error.result().id();
    }
    return 0;
  };
  CHECK(thrown_for({1, 2}) == 0);
  CHECK(thrown_for({1, 11, 10}) == 11);
  CHECK(thrown_for({10, 1, 20, 21}) == 20);
  CHECK(thrown_for({21, 10, 20}) == 21);
  CHECK(thrown_for({10, 20, 31, 30, 1}) == 31);
}

TEST_CASE("a fake client refuses wrong arguments as a client does") {
  oo::FakeClient fake;
  const oo::Client client(oo::Options("token", "secret"));
  const std::vector<const oo::Executor*> both{&fake, &client};
  std::vector<std::string> messages;
  for (const oo::Executor* one : both) {
    CHECK_THROWS_AS(one->execute_webhooks("adress", 1), std::invalid_argument);
    CHECK_THROWS_AS(one->execute_webhooks(oo::Module::Task, 0), std::invalid_argument);
    CHECK_THROWS_AS(one->execute_all({}), std::invalid_argument);
    CHECK_THROWS_AS(one->execute_all({{"task", 1}, {"task", 1}}), std::invalid_argument);
    CHECK(one->try_execute_webhooks(std::string_view("task\0", 5), 1).status() == oo::Status::InvalidModule);
    messages.push_back(one->try_execute_webhooks("adress", 1).message());
    messages.push_back(one->try_execute_all({{"task", 1}, {"task", 0}})[1].message());
  }
  CHECK(messages[0] == messages[2]);
  CHECK(messages[1] == messages[3]);
  CHECK(fake.executed().empty());
}

TEST_CASE("a closed fake client refuses as a client does") {
  oo::FakeClient fake;
  fake.close();
  CHECK_FALSE(fake.is_open());
  CHECK_THROWS_AS(fake.execute_webhooks(oo::Module::Task, 1), std::logic_error);
  CHECK_THROWS_AS(fake.execute_all({{"task", 1}}), std::logic_error);
  CHECK(fake.try_execute_webhooks(oo::Module::Task, 1).status() == oo::Status::InvalidArgument);
  CHECK(fake.executed().empty());
}

TEST_CASE("threads may share a fake client") {
  oo::FakeClient fake;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&fake, thread] {
      for (int id = 1; id <= 50; ++id) fake.execute_webhooks(oo::Module::Task, thread * 50 + id);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(fake.executed().size() == 200);
}

TEST_CASE_FIXTURE(test::Office, "a forbidden real call is reported, names the record and is not sent") {
  reports.clear();
  {
    const oo::forbid_real_calls guard(report);
    CHECK(client.try_execute_webhooks(oo::Module::Estate, 7).outcome() == oo::Outcome::NotSent);
    CHECK_THROWS_AS(client.execute_webhooks(oo::Module::Estate, 8), std::invalid_argument);
    CHECK(client.try_execute_all({{oo::Module::Task, 1}, {oo::Module::Task, 2}}).size() == 2);
    std::thread([this] { (void)client.try_execute_webhooks(oo::Module::Estate, 9); }).join();
    oo::FakeClient fake;
    CHECK(save_address(fake, 1) == "saved");
  }
  REQUIRE(reports.size() == 4);
  CHECK(reports[0].find("estate 7") != std::string::npos);
  CHECK(reports[1].find("estate 8") != std::string::npos);
  CHECK(reports[2].find("task 1") != std::string::npos);
  CHECK(reports[3].find("estate 9") != std::string::npos);
  CHECK(mock.executed().empty());
  CHECK(client.execute_webhooks(oo::Module::Estate, 10).is_executed());
}

TEST_CASE_FIXTURE(test::Office, "the guard that was there before holds again when a later one ends") {
  reports.clear();
  const oo::forbid_real_calls outer(report);
  {
    const oo::forbid_real_calls inner([](const char*) { reports.emplace_back("inner"); });
  }
  (void)client.try_execute_webhooks(oo::Module::Estate, 7);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0] != "inner");
}

TEST_CASE_FIXTURE(test::Office, "a connection is not opened while real calls are forbidden") {
  static bool reported = false;
  const oo::forbid_real_calls guard([](const char*) { reported = true; });
  CHECK(client.connect() == oo::Status::InvalidArgument);
  CHECK(reported);
  oo::FakeClient fake;
  CHECK(fake.connect() == oo::Status::Ok);
  fake.close();
  CHECK(fake.connect() == oo::Status::InvalidArgument);
}

TEST_CASE("a forbidden real call ends the program unless a report is given") {
  const test::Run run = test::run({test::program("forbidden")}, {});
  CHECK(run.exit_code == 128 + SIGABRT);
}
