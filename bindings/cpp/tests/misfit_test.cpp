// A library whose C API has another version, in place of the real one: see misfit_library.c. Every call but
// oo_abi_version ends this program there, so a passing test made none.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <oo_webhooks_fake.hpp>

namespace {

const oo::Options configured("token", "secret");

template <class Call>
void gives_a_config_error(Call call) {
  try {
    call();
    FAIL("nothing was thrown");
  } catch (const oo::ConfigError& error) {
    CHECK(error.result().status() == oo::Status::InvalidOption);
    CHECK(error.result().outcome() == oo::Outcome::NotSent);
    CHECK(std::string(error.what()).find("version 2") != std::string::npos);
    CHECK(std::string(error.what()).find("install") != std::string::npos);
  }
}

}  // namespace

TEST_CASE("a library of another version is a configuration error on first use") {
  gives_a_config_error([] { oo::Client client(configured); });
  gives_a_config_error([] { (void)oo::Client::from_environment(); });
  gives_a_config_error([] { oo::Request().add(oo::Module::Task, 1); });
  gives_a_config_error([] { (void)oo::Request().parse_response(200, "{}"); });
}

TEST_CASE("a library of another version is reported where nothing is thrown") {
  const oo::Client client = oo::Client::from_environment(std::nothrow);
  CHECK_FALSE(client.is_open());
  CHECK(client.message().find("version 2") != std::string::npos);
  CHECK(client.try_execute_webhooks(oo::Module::Task, 1).status() == oo::Status::InvalidOption);
  gives_a_config_error([&] { client.execute_webhooks(oo::Module::Task, 1); });
  CHECK(client.try_execute_all({{oo::Module::Task, 1}}).at(0).outcome() == oo::Outcome::NotSent);

  oo::Request request;
  CHECK(request.try_add(oo::Module::Task, 1) == oo::Status::InvalidOption);
  CHECK(request.try_sign(client) == oo::Status::InvalidOption);
  CHECK(request.message().find("version 2") != std::string::npos);
  CHECK(request.count() == 0);
  CHECK(request.body().empty());
  CHECK(request.try_parse_response(200, "").empty());

  oo::Options options;
  options.url("https://example.test/").timeout(std::chrono::seconds(1));
  CHECK(options.message().find("version 2") != std::string::npos);
  CHECK(oo::FakeClient().try_execute_webhooks(oo::Module::Task, 1).status() == oo::Status::InvalidOption);
}
