// A real client against the mock: what was executed, and what each outcome becomes in C++.
#include "support/mock.hpp"

#include <doctest/doctest.h>

#include <type_traits>

using Records = std::vector<oo::Record>;

static_assert(std::is_nothrow_move_constructible_v<oo::Client> && std::is_nothrow_move_assignable_v<oo::Client>);
static_assert(!std::is_copy_constructible_v<oo::Client> && !std::is_copy_assignable_v<oo::Client>);
static_assert(!std::is_copy_constructible_v<oo::Options> && !std::is_copy_constructible_v<oo::Request>);
static_assert(noexcept(std::declval<const oo::Client&>().try_execute_webhooks(oo::Module::Task, 1)));
static_assert(noexcept(std::declval<const oo::Client&>().try_execute_webhooks("task", 1)));
static_assert(std::is_nothrow_copy_constructible_v<oo::InDoubtError>);

TEST_CASE_FIXTURE(test::Office, "a record is executed once and its result says everything about it") {
  const oo::Result result = client.execute_webhooks(oo::Module::Address, 15005);
  CHECK(result.is_executed());
  CHECK(result.status() == oo::Status::Ok);
  CHECK(result.outcome() == oo::Outcome::Executed);
  CHECK(result.module() == oo::Module::Address);
  CHECK(result.id() == 15005);
  CHECK(result.http_status() == 200);
  CHECK(result.error_code() == 0);
  CHECK(result.message().find("address 15005") != std::string::npos);
  REQUIRE(result.body());
  CHECK(result.body()->find("\"success\"") != std::string_view::npos);
  CHECK(mock.executed() == Records{{oo::Module::Address, 15005}});
}

TEST_CASE_FIXTURE(test::Office, "a connection can be opened ahead, and a status says whether there is one") {
  CHECK(client.connect() == oo::Status::Ok);
  CHECK(client.connect(std::chrono::seconds(10)) == oo::Status::Ok);
  CHECK(client.connect(std::chrono::milliseconds(-1)) == oo::Status::InvalidArgument);
  CHECK(mock.executed().empty());
  CHECK(client.execute_webhooks("task", 3).is_executed());
  mock.reset();
  mock.fault(R"({"kind": "tls_alert"})");
  CHECK(client.connect() == oo::Status::TlsFailed);
}

TEST_CASE_FIXTURE(test::Office, "every module is executed by its enumerator and by its name") {
  for (const char* name : {"estate", "address", "task", "calendar"}) {
    CAPTURE(name);
    const oo::Module module = oo::to_module(name).value();
    CHECK(client.execute_webhooks(module, 1).module() == module);
    CHECK(client.execute_webhooks(name, 2).module() == module);
    CHECK(client.try_execute_webhooks(module, 3).is_executed());
    CHECK(client.try_execute_webhooks(std::string(name), 4).is_executed());
  }
  CHECK(mock.executed().size() == 16);
  CHECK(mock.executed().back() == oo::Record(oo::Module::Calendar, 4));
}

TEST_CASE_FIXTURE(test::Office, "a rejection is thrown with onOffice's error code") {
  try {
    client.execute_webhooks(oo::Module::Estate, 404);
    FAIL("nothing was thrown");
  } catch (const oo::RejectedError& error) {
    CHECK(error.error_code() == 293);
    CHECK(error.result().status() == oo::Status::UnknownRecord);
    CHECK(error.result().message() == error.what());
    CHECK(error.results().size() == 1);
  }
  CHECK(mock.executed().empty());
}

TEST_CASE_FIXTURE(test::Office, "what was not sent is thrown as that") {
  mock.fault(R"({"kind": "tls_alert"})");
  CHECK_THROWS_AS(client.execute_webhooks(oo::Module::Estate, 7), oo::NotSentError);
  CHECK(mock.executed().empty());
}

TEST_CASE_FIXTURE(test::Office, "doubt is thrown as that, although the record was executed") {
  mock.fault(R"({"kind": "drop_after_executing", "how": "reset"})");
  CHECK_THROWS_AS(client.execute_webhooks(oo::Module::Estate, 7), oo::InDoubtError);
  CHECK(mock.executed() == Records{{oo::Module::Estate, 7}});
}

TEST_CASE_FIXTURE(test::Office, "the reporting half reports what the other one throws") {
  mock.fault(R"({"kind": "http_status", "status": 502, "times": 1})");
  const oo::Result in_doubt = client.try_execute_webhooks(oo::Module::Estate, 7);
  CHECK(in_doubt.status() == oo::Status::HttpError);
  CHECK(in_doubt.outcome() == oo::Outcome::InDoubt);
  CHECK(in_doubt.http_status() == 502);

  const oo::Result rejected = client.try_execute_webhooks(oo::Module::Task, 404);
  CHECK(rejected.outcome() == oo::Outcome::Rejected);
  CHECK(rejected.error_code() == 80);

  const oo::Client nowhere(mock.options().url("https://127.0.0.1:1/"));
  const oo::Result not_sent = nowhere.try_execute_webhooks(oo::Module::Task, 1);
  CHECK(not_sent.status() == oo::Status::ConnectFailed);
  CHECK(not_sent.outcome() == oo::Outcome::NotSent);
  CHECK_FALSE(not_sent.body());
}

TEST_CASE_FIXTURE(test::Office, "several records are executed in one exchange, with a result for each in order") {
  const Records records{{oo::Module::Estate, 7}, {"address", 7}, {oo::Module::Task, 1}};
  const std::vector<oo::Result> results = client.execute_all(records);
  REQUIRE(results.size() == records.size());
  for (std::size_t index = 0; index < records.size(); ++index) {
    CHECK(results[index].is_executed());
    CHECK(results[index].module() == records[index].module);
    CHECK(results[index].id() == records[index].id);
    // One answer, which the results share.
    CHECK(results[index].body()->data() == results[0].body()->data());
  }
  CHECK(mock.executed() == records);
}

TEST_CASE_FIXTURE(test::Office, "the error about several records tells of all of them, executed ones too") {
  try {
    client.execute_all({{oo::Module::Estate, 7}, {oo::Module::Address, 404}, {oo::Module::Task, 1}});
    FAIL("nothing was thrown");
  } catch (const oo::WebhooksError& error) {
    CHECK(dynamic_cast<const oo::RejectedError*>(&error));
    CHECK(&error.result() == &error.results()[1]);
    CHECK(error.result().id() == 404);
    REQUIRE(error.results().size() == 3);
    CHECK(error.results()[0].is_executed());
    CHECK(error.results()[2].is_executed());
  }
  CHECK(mock.executed() == Records{{oo::Module::Estate, 7}, {oo::Module::Task, 1}});
}

TEST_CASE_FIXTURE(test::Office, "a result and an error outlive the client and share nothing with it") {
  std::optional<oo::Result> result;
  std::optional<oo::RejectedError> error;
  {
    const oo::Client short_lived(mock.options());
    result = short_lived.try_execute_webhooks(oo::Module::Address, 1);
    try {
      short_lived.execute_all({{oo::Module::Address, 404}, {oo::Module::Address, 2}});
    } catch (const oo::RejectedError& caught) {
      error = caught;
    }
  }
  CHECK(result->body()->find("success") != std::string_view::npos);
  REQUIRE(error);
  CHECK(error->results()[1].body()->find("success") != std::string_view::npos);
}

TEST_CASE_FIXTURE(test::Office, "a closed client refuses every call") {
  client.close();
  CHECK_FALSE(client.is_open());
  CHECK(client.handle() == nullptr);
  CHECK(client.message().find("closed") != std::string::npos);
  CHECK_THROWS_WITH_AS(client.execute_webhooks(oo::Module::Task, 1), client.message().c_str(), std::logic_error);
  CHECK_THROWS_AS(client.execute_all({{oo::Module::Task, 1}}), std::logic_error);
  CHECK_THROWS_AS(client.execute_all({}), std::logic_error);

  const oo::Result refused = client.try_execute_webhooks(oo::Module::Task, 1);
  CHECK(refused.status() == oo::Status::InvalidArgument);
  CHECK(refused.outcome() == oo::Outcome::NotSent);
  const std::vector<oo::Result> all = client.try_execute_all({{oo::Module::Task, 1}, {oo::Module::Task, 2}});
  REQUIRE(all.size() == 2);
  CHECK(all[1].id() == 2);
  CHECK(all[1].outcome() == oo::Outcome::NotSent);
  client.close();
  CHECK(mock.executed().empty());
}

TEST_CASE_FIXTURE(test::Office, "a closed client is no wrong argument") {
  client.close();
  bool wrong_argument = false;
  try {
    client.execute_webhooks(oo::Module::Task, 1);
  } catch (const std::invalid_argument&) {
    wrong_argument = true;
  } catch (const std::logic_error&) {
  }
  CHECK_FALSE(wrong_argument);
}

TEST_CASE_FIXTURE(test::Office, "a client that was moved from refuses, and the one it was moved to works") {
  oo::Client moved(std::move(client));
  CHECK_THROWS_AS(client.execute_webhooks(oo::Module::Task, 1), std::logic_error);
  CHECK(client.try_execute_webhooks(oo::Module::Task, 1).outcome() == oo::Outcome::NotSent);
  CHECK(moved.execute_webhooks(oo::Module::Task, 2).is_executed());
  client = std::move(moved);
  CHECK(client.execute_webhooks(oo::Module::Task, 3).is_executed());
  CHECK(mock.executed() == Records{{oo::Module::Task, 2}, {oo::Module::Task, 3}});
}

TEST_CASE_FIXTURE(test::Office, "the handle serves calls of the C API") {
  oo_result* raw = nullptr;
  CHECK(oo_client_execute_webhooks(client.handle(), "task", 5, &raw) == OO_STATUS_OK);
  const oo::Result result(raw);
  oo_result_free(raw);
  CHECK(result.id() == 5);
  CHECK(result.body()->find("success") != std::string_view::npos);
}
