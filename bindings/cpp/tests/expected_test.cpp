// The third way, where the standard library has std::expected.
#include "support/mock.hpp"

#include <oo_webhooks_fake.hpp>

#include <doctest/doctest.h>

#ifndef __cpp_lib_expected
#error "build this file where the standard library has std::expected"
#endif

static_assert(noexcept(std::declval<const oo::Executor&>().expect_webhooks(oo::Module::Task, 1)));

TEST_CASE_FIXTURE(test::Office, "what is executed is the value") {
  const std::expected<oo::Result, oo::Result> executed = client.expect_webhooks(oo::Module::Address, 15005);
  REQUIRE(executed.has_value());
  CHECK(executed->id() == 15005);
  CHECK(client.expect_webhooks("task", 1).has_value());
  CHECK(client.expect_all({{"task", 2}, {"task", 3}}).value().size() == 2);
  CHECK(mock.executed().size() == 4);
}

TEST_CASE_FIXTURE(test::Office, "what is not executed is the error, with all that is known") {
  const auto executed = client.expect_webhooks(oo::Module::Address, 404);
  REQUIRE_FALSE(executed.has_value());
  CHECK(executed.error().error_code() == 292);

  const auto all = client.expect_all({{"task", 1}, {"task", 404}});
  REQUIRE_FALSE(all.has_value());
  CHECK(all.error().at(0).is_executed());
  CHECK(all.error().at(1).outcome() == oo::Outcome::Rejected);
}

TEST_CASE("wrong arguments are errors too") {
  const oo::FakeClient fake;
  CHECK(fake.expect_webhooks("adress", 1).error().status() == oo::Status::InvalidModule);
  CHECK(fake.expect_webhooks(oo::Module::Task, 0).error().status() == oo::Status::InvalidId);
  CHECK(fake.expect_all({}).error().at(0).status() == oo::Status::InvalidArgument);
}
