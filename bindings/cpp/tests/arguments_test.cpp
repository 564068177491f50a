// Wrong arguments: refused by both halves before anything is sent, and never cut or converted into right ones.
#include "support/mock.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <type_traits>

using namespace std::string_view_literals;

static_assert(std::is_constructible_v<oo::RecordId, int> && std::is_constructible_v<oo::RecordId, unsigned long>);
static_assert(std::is_constructible_v<oo::RecordId, short> && std::is_constructible_v<oo::RecordId, long long>);
static_assert(!std::is_constructible_v<oo::RecordId, bool>);
static_assert(!std::is_constructible_v<oo::RecordId, double> && !std::is_constructible_v<oo::RecordId, float>);
static_assert(!std::is_constructible_v<oo::RecordId, const char*> &&
              !std::is_constructible_v<oo::RecordId, oo::Module>);
static_assert(!std::is_convertible_v<int, oo::Module>);

TEST_CASE_FIXTURE(test::Office, "a module that is none is refused") {
  const std::string long_name(100'000, 'x');
  for (const std::string_view module : {""sv, "Address"sv, "address "sv, " address"sv, "adress"sv, "agentslog"sv,
                                        "\xff"sv, std::string_view(long_name)}) {
    CAPTURE(std::string(module.substr(0, 40)));
    CHECK_THROWS_AS(client.execute_webhooks(module, 1), std::invalid_argument);
    CHECK_THROWS_AS(oo::Record(module, 1), std::invalid_argument);
    const oo::Result result = client.try_execute_webhooks(module, 1);
    CHECK(result.outcome() == oo::Outcome::NotSent);
    CHECK_FALSE(result.module());
    CHECK(result.id() == 1);
    CHECK_FALSE(result.message().empty());
    CHECK(result.message().size() < 200);
  }
  CHECK(mock.executed().empty());
}

TEST_CASE_FIXTURE(test::Office, "a module with a NUL is refused instead of cut") {
  for (const std::string_view module : {"address\0"sv, "address\0x"sv, "\0address"sv}) {
    CHECK_THROWS_AS(client.execute_webhooks(module, 1), std::invalid_argument);
    CHECK(client.try_execute_webhooks(module, 1).status() == oo::Status::InvalidModule);
    CHECK_THROWS_AS(oo::Record(module, 1), std::invalid_argument);
    CHECK_THROWS_AS(oo::Request().add(module, 1), std::invalid_argument);
  }
  CHECK(mock.executed().empty());
}

TEST_CASE_FIXTURE(test::Office, "part of a longer text is taken as the module it is") {
  const std::string_view text = "address-7";
  CHECK(client.execute_webhooks(text.substr(0, 7), 1).module() == oo::Module::Address);
}

TEST_CASE_FIXTURE(test::Office, "a number that is no enumerator is refused") {
  const auto module = static_cast<oo::Module>(4);
  CHECK_THROWS_AS(client.execute_webhooks(module, 1), std::invalid_argument);
  CHECK(client.try_execute_all({{module, 1}})[0].status() == oo::Status::InvalidModule);
  CHECK(mock.executed().empty());
}

TEST_CASE_FIXTURE(test::Office, "an id below 1 is refused") {
  for (const std::int64_t id : {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
    CAPTURE(id);
    CHECK_THROWS_AS(client.execute_webhooks(oo::Module::Task, id), std::invalid_argument);
    CHECK_THROWS_AS(client.execute_all({{oo::Module::Task, id}}), std::invalid_argument);
    const oo::Result result = client.try_execute_webhooks(oo::Module::Task, id);
    CHECK(result.status() == oo::Status::InvalidId);
    CHECK(result.module() == oo::Module::Task);
    CHECK(result.id() == id);
  }
  CHECK(mock.executed().empty());
}

TEST_CASE_FIXTURE(test::Office, "an unsigned id that does not fit is refused, and the largest that fits is executed") {
  for (const std::uint64_t id : {std::uint64_t{1} << 63, (std::uint64_t{1} << 63) + 7, ~std::uint64_t{0}}) {
    CAPTURE(id);
    CHECK_THROWS_AS(client.execute_webhooks(oo::Module::Task, id), std::invalid_argument);
    CHECK(client.try_execute_webhooks("task", id).status() == oo::Status::InvalidId);
  }
  const std::uint64_t largest = (std::uint64_t{1} << 63) - 1;
  CHECK(client.execute_webhooks(oo::Module::Task, largest).id() == std::numeric_limits<std::int64_t>::max());
  CHECK(mock.executed() == std::vector<oo::Record>{{oo::Module::Task, largest}});
}

TEST_CASE_FIXTURE(test::Office, "without a record there is nothing to execute") {
  CHECK_THROWS_AS(client.execute_all({}), std::invalid_argument);
  const std::vector<oo::Result> results = client.try_execute_all({});
  REQUIRE(results.size() == 1);
  CHECK(results[0].status() == oo::Status::InvalidArgument);
  CHECK_FALSE(results[0].module());
}

TEST_CASE_FIXTURE(test::Office, "one refused record keeps all of its call from being sent") {
  const std::vector<oo::Record> records{{oo::Module::Task, 1}, {oo::Module::Task, 0}, {oo::Module::Estate, 2}};
  CHECK_THROWS_AS(client.execute_all(records), std::invalid_argument);
  const std::vector<oo::Result> results = client.try_execute_all(records);
  REQUIRE(results.size() == 3);
  for (std::size_t index = 0; index < records.size(); ++index) {
    CHECK(results[index].status() == oo::Status::InvalidId);
    CHECK(results[index].outcome() == oo::Outcome::NotSent);
    CHECK(results[index].id() == records[index].id);
    CHECK(results[index].message().find("invalid id 0") != std::string::npos);
  }
  CHECK(results[0].message().find("another record") != std::string::npos);
  CHECK(results[1].message().find("another record") == std::string::npos);
  CHECK(mock.executed().empty());
}

TEST_CASE_FIXTURE(test::Office, "a record that is there twice is refused") {
  CHECK_THROWS_AS(client.execute_all({{oo::Module::Task, 1}, {oo::Module::Estate, 1}, {oo::Module::Task, 1}}),
                  std::invalid_argument);
  CHECK(mock.executed().empty());
}

TEST_CASE_FIXTURE(test::Office, "500 records are executed in one call, and 501 are refused") {
  std::vector<oo::Record> records;
  for (int id = 1001; id <= 1501; ++id) records.emplace_back(oo::Module::Address, id);
  CHECK_THROWS_AS(client.execute_all(records), std::invalid_argument);
  CHECK(mock.executed().empty());
  records.pop_back();
  CHECK(client.execute_all(records).size() == 500);
  CHECK(mock.executed() == records);
}
