// The reporting half, built with -fno-exceptions. Executes task 1 to 5 at the API that the environment names;
// programs_test.cpp runs it and looks at the ledger.
#include <oo_webhooks.hpp>
#include <oo_webhooks_fake.hpp>

#include <cstdio>

#ifdef __cpp_exceptions
#error "build this file with -fno-exceptions"
#endif

static int failures = 0;

#define EXPECT(condition) \
  ((condition) ? (void)0 : (void)(++failures, std::printf("line %d: %s\n", __LINE__, #condition)))

static void executes() {
  const oo::Client client = oo::Client::from_environment(std::nothrow);
  EXPECT(client.is_open());
  EXPECT(client.try_execute_webhooks(oo::Module::Task, 1).is_executed());
  EXPECT(client.try_execute_webhooks("task", 2).is_executed());
  for (const oo::Result& result : client.try_execute_all({{oo::Module::Task, 3}, {oo::Module::Task, 4}})) {
    EXPECT(result.is_executed());
  }
#ifdef __cpp_lib_expected
  EXPECT(client.expect_webhooks(oo::Module::Task, 5).has_value());
#else
  EXPECT(client.try_execute_webhooks(oo::Module::Task, 5).is_executed());
#endif
  EXPECT(client.try_execute_webhooks(oo::Module::Task, 404).outcome() == oo::Outcome::Rejected);
}

static void refuses() {
  oo::Client client = oo::Client::from_environment(std::nothrow);
  EXPECT(client.try_execute_webhooks("adress", 1).status() == oo::Status::InvalidModule);
  EXPECT(client.try_execute_webhooks(std::string_view("task\0", 5), 1).status() == oo::Status::InvalidModule);
  EXPECT(client.try_execute_webhooks(oo::Module::Task, 0).status() == oo::Status::InvalidId);
  EXPECT(client.try_execute_all({}).at(0).status() == oo::Status::InvalidArgument);
  const oo::Client moved(std::move(client));
  EXPECT(client.try_execute_webhooks(oo::Module::Task, 1).outcome() == oo::Outcome::NotSent);

  const oo::Client unconfigured(oo::Options(), std::nothrow);
  EXPECT(!unconfigured.is_open());
  EXPECT(unconfigured.try_execute_webhooks(oo::Module::Task, 1).status() == oo::Status::NotConfigured);
}

static void signs_and_parses() {
  const oo::Client client(oo::Options("token", "secret"), std::nothrow);
  oo::Request request;
  EXPECT(request.try_sign(client) == oo::Status::InvalidArgument);
  EXPECT(request.try_add(oo::Module::Task, 1) == oo::Status::Ok);
  EXPECT(request.try_add("adress", 1) == oo::Status::InvalidModule);
  EXPECT(!request.message().empty());
  EXPECT(request.try_sign(client) == oo::Status::Ok);
  EXPECT(request.body().find("\"token\"") != std::string_view::npos);
  EXPECT(request.try_parse_response(200, "<html>").at(0).outcome() == oo::Outcome::InDoubt);
  EXPECT(request.try_parse_response(0, "").at(0).outcome() == oo::Outcome::InDoubt);
}

static void fakes() {
  oo::FakeClient fake;
  fake.answer_with(oo::Status::Timeout);
  EXPECT(fake.try_execute_webhooks(oo::Module::Task, 1).outcome() == oo::Outcome::InDoubt);
  EXPECT(fake.executed().size() == 1);
}

int main() {
  executes();
  refuses();
  signs_and_parses();
  fakes();
  return failures == 0 ? 0 : 1;
}
