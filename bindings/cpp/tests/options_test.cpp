// Options: what they refuse, when that is told, and the environment.
#include "support/mock.hpp"

#include <doctest/doctest.h>

#include <stdlib.h>

#include <chrono>

using namespace std::chrono_literals;
using namespace std::string_view_literals;

namespace {

oo::Options configured() { return {"token", "secret"}; }

/// Variables that are set for the length of a test.
class Environment {
 public:
  explicit Environment(const std::map<std::string, std::string>& variables) : variables_(variables) {
    for (const auto& [name, value] : variables_) setenv(name.c_str(), value.c_str(), 1);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() {
    for (const auto& [name, value] : variables_) unsetenv(name.c_str());
  }

 private:
  std::map<std::string, std::string> variables_;
};

}  // namespace

TEST_CASE("options with credentials make a client, and more than one") {
  const oo::Options options = configured();
  CHECK(options.message().empty());
  CHECK(oo::Client(options).is_open());
  CHECK(oo::Client(options).message().empty());
}

TEST_CASE("without credentials there is no client") {
  try {
    const oo::Client client{oo::Options()};
    FAIL("nothing was thrown");
  } catch (const oo::ConfigError& error) {
    CHECK(error.result().status() == oo::Status::NotConfigured);
    CHECK(error.result().outcome() == oo::Outcome::NotSent);
    CHECK(std::string(error.what()).find("ON_OFFICE_TOKEN") != std::string::npos);
  }
}

TEST_CASE("a setting that is refused makes no client until it is set right") {
  oo::Options options = configured();
  options.timeout(0ms).url("http://example.test/");
  CHECK_THROWS_AS(oo::Client{options}, oo::ConfigError);
  CHECK(options.message().find("timeout") != std::string::npos);
  options.timeout(1s);
  CHECK(options.message().find("unencrypted") != std::string::npos);
  options.url("https://example.test/");
  CHECK(options.message().empty());
  CHECK(oo::Client(options).is_open());
}

TEST_CASE("times are given in any unit and refused beyond their range") {
  for (const std::chrono::milliseconds refused : {-1ms, 0ms, std::chrono::milliseconds(24h) + 1ms,
                                                  std::chrono::milliseconds::max(), std::chrono::milliseconds::min()}) {
    CAPTURE(refused.count());
    CHECK_FALSE(configured().timeout(refused).message().empty());
    CHECK_FALSE(configured().connect_timeout(refused).message().empty());
  }
  CHECK(configured().timeout(1ms).connect_timeout(24h).message().empty());
}

TEST_CASE("text that C cannot read makes no client, in whatever setting it stands") {
  const auto refuses = [](const oo::Options& options) {
    CHECK_FALSE(options.message().empty());
    CHECK_THROWS_AS(oo::Client{options}, oo::ConfigError);
    CHECK_FALSE(oo::Client(options, std::nothrow).is_open());
  };
  for (const std::string_view text : {"https://example.test/\0"sv, "https://example.test/\xff"sv}) {
    refuses(oo::Options(text, "secret"));
    refuses(oo::Options("token", text));
    refuses(configured().url(text));
    refuses(configured().ca_file(text));
    refuses(configured().proxy(text));
    // Nor does a later setting hide it.
    refuses(configured().proxy(text).url("https://example.test/").timeout(1s));
  }
}

TEST_CASE("a message about options names neither token nor secret") {
  const oo::Options options("tokentokentoken\0"sv, "secretsecretsecret");
  CHECK(options.message().find("tokentoken") == std::string::npos);
  CHECK(options.message().find("secretsecret") == std::string::npos);
}

TEST_CASE("options that were moved from make no client") {
  oo::Options options = configured();
  const oo::Options moved(std::move(options));
  CHECK(oo::Client(moved).is_open());
  CHECK(options.handle() == nullptr);
  options.timeout(1s).url("https://example.test/");
  CHECK(options.message().find("moved") != std::string::npos);
  CHECK_THROWS_AS(oo::Client{options}, std::logic_error);
}

TEST_CASE("a client made without throwing says why it is not open") {
  const oo::Client client(oo::Options(), std::nothrow);
  CHECK_FALSE(client.is_open());
  CHECK(client.message().find("ON_OFFICE_TOKEN") != std::string::npos);
  const oo::Result result = client.try_execute_webhooks(oo::Module::Task, 1);
  CHECK(result.status() == oo::Status::NotConfigured);
  CHECK(result.message() == client.message());
  CHECK(client.try_execute_all({{oo::Module::Task, 1}})[0].status() == oo::Status::NotConfigured);
  CHECK_THROWS_AS(client.execute_webhooks(oo::Module::Task, 1), oo::ConfigError);
}

TEST_CASE("the environment configures a client") {
  test::Mock& mock = test::shared_mock();
  mock.reset();
  const Environment environment(mock.environment());
  CHECK(oo::Client::from_environment().execute_webhooks(oo::Module::Task, 9).is_executed());
  CHECK(oo::Client::from_environment(std::nothrow).try_execute_webhooks("task", 10).is_executed());
  CHECK(mock.executed().size() == 2);
}

TEST_CASE("an environment that is not whole is named, and a setter puts it right") {
  const Environment environment({{"ON_OFFICE_TOKEN", "token"}, {"ON_OFFICE_TIMEOUT_MS", "soon"}});
  CHECK_THROWS_AS((void)oo::Client::from_environment(), oo::ConfigError);
  CHECK_FALSE(oo::Client::from_environment(std::nothrow).is_open());
  oo::Options options = oo::Options::from_environment();
  CHECK(options.message().find("ON_OFFICE_") != std::string::npos);
  options.credentials("token", "secret").timeout(1s);
  CHECK(options.message().empty());
  CHECK(oo::Client(options).is_open());
}
