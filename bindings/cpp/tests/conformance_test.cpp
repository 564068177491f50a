// tests/conformance/cases.tsv, in C++. Its README explains the columns.
#include "support/mock.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

namespace {

using Case = std::map<std::string, std::string>;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::vector<Case> cases(const char* table) {
  std::ifstream file(std::filesystem::path(test::variable("OO_WEBHOOKS_CASES")).replace_filename(table));
  REQUIRE_MESSAGE(file, "cannot read the file that OO_WEBHOOKS_CASES names");
  std::vector<std::string> columns;
  std::vector<Case> all;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> fields = split(line, '\t');
    if (columns.empty()) {
      columns = fields;
      continue;
    }
    REQUIRE_MESSAGE(fields.size() == columns.size(), line);
    Case one;
    for (std::size_t index = 0; index < columns.size(); ++index) one[columns[index]] = fields[index];
    all.push_back(one);
  }
  return all;
}

struct Credentials {
  std::string token, secret;
};

Credentials credentials(const std::string& name) {
  const std::string token = test::token, secret = test::secret;
  const std::map<std::string, Credentials> all{
      {"right", {token, secret}},
      {"wrong_secret", {token, secret.substr(0, 60) + "0002"}},
      {"unknown_token", {token.substr(0, 28) + "0002", secret}},
      {"swapped", {secret, token}},
      {"provider", {"MockProviderMockProviderToken001", secret}},
      {"none", {"", ""}},
  };
  return all.at(name);
}

oo::Options options(const Case& one, const test::Mock& mock) {
  const auto [token, secret] = credentials(one.at("credentials"));
  oo::Options options;
  if (!token.empty()) options.credentials(token, secret);
  std::map<std::string, std::string> settings{{"url", mock.url()}, {"ca_file", mock.ca_file()}};
  if (one.at("settings") != "-") {
    for (const std::string& setting : split(one.at("settings"), ' ')) {
      const std::size_t equals = setting.find('=');
      settings[setting.substr(0, equals)] = setting.substr(equals + 1);
    }
  }
  for (const auto& [key, value] : settings) {
    if (key == "url") {
      options.url(value);
    } else if (key == "ca_file") {
      if (value != "bundled") options.ca_file(value);
    } else if (key == "proxy") {
      options.proxy(value);
    } else if (key == "timeout_ms") {
      options.timeout(std::chrono::milliseconds(std::stoll(value)));
    } else if (key == "connect_timeout_ms") {
      options.connect_timeout(std::chrono::milliseconds(std::stoll(value)));
    } else {
      FAIL("unknown setting " << key);
    }
  }
  return options;
}

/// A record as the table has it, which may be a wrong one.
struct Named {
  std::string module;
  std::int64_t id;
};

std::vector<Named> named_records(const std::string& text) {
  std::vector<Named> records;
  if (text == "-") return records;
  for (const std::string& record : split(text, ',')) {
    const std::size_t colon = record.find(':');
    records.push_back({record.substr(0, colon), std::stoll(record.substr(colon + 1))});
  }
  return records;
}

std::vector<oo::Record> records(const std::vector<Named>& named) {
  std::vector<oo::Record> records;
  for (const Named& record : named) records.emplace_back(record.module, record.id);
  return records;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return parts.empty() ? "-" : text;
}

/// What a call ended with, in the words of the table.
struct End {
  std::string error;
  std::vector<oo::Result> results;
  std::size_t index = 0;
};

End caught(const char* error, const oo::WebhooksError& thrown) {
  const auto index = static_cast<std::size_t>(&thrown.result() - thrown.results().data());
  return {error, thrown.results(), index};
}

End end_of(const std::function<std::vector<oo::Result>()>& call) {
  try {
    return {"-", call()};
  } catch (const oo::ConfigError& error) {
    return {"ConfigError", {error.result()}};
  } catch (const oo::RejectedError& error) {
    return caught("RejectedError", error);
  } catch (const oo::NotSentError& error) {
    return caught("NotSentError", error);
  } catch (const oo::InDoubtError& error) {
    return caught("InDoubtError", error);
  } catch (const std::invalid_argument&) {
    return {"argument", {}};
  }
}

void check_results(const Case& one, const std::vector<Named>& expected, const std::vector<oo::Result>& results) {
  const auto [token, secret] = credentials(one.at("credentials"));
  REQUIRE(results.size() == expected.size());
  std::vector<std::string> statuses, error_codes;
  for (std::size_t index = 0; index < results.size(); ++index) {
    const oo::Result& result = results[index];
    statuses.emplace_back(oo::name(result.status()));
    error_codes.push_back(std::to_string(result.error_code()));
    CHECK(result.outcome() == oo::outcome(result.status()));
    CHECK(oo::name(result.module().value()) == expected[index].module);
    CHECK(result.id() == expected[index].id);
    CHECK_FALSE(result.message().empty());
    CHECK(result.message().find('\n') == std::string::npos);
    CHECK(result.message().find(token) == std::string::npos);
    CHECK(result.message().find(secret) == std::string::npos);
  }
  CHECK(joined(statuses) == one.at("statuses"));
  CHECK(joined(error_codes) == one.at("error_codes"));
}

/// The status that decided, as both halves report it.
void check_decisive(const Case& one, const oo::Result& result) {
  CHECK(oo::name(result.status()) == one.at("status"));
  CHECK(oo::name(result.outcome()) == one.at("outcome"));
  CHECK(std::to_string(result.http_status()) == one.at("http_status"));
}

void check_ledger(const Case& one, test::Mock& mock) {
  std::vector<std::string> executed;
  for (const oo::Record& record : mock.executed()) {
    executed.push_back(std::string(oo::name(record.module)) + ":" + std::to_string(record.id));
  }
  CHECK(joined(executed) == one.at("executed"));
}

void prepare(const Case& one, test::Mock& mock) {
  mock.reset();
  if (one.at("fault") != "-") mock.fault(one.at("fault"));
}

void throws_what_the_table_says(const Case& one, test::Mock& mock) {
  prepare(one, mock);
  const std::vector<Named> named = named_records(one.at("records"));
  const End end = end_of([&]() -> std::vector<oo::Result> {
    const oo::Client client(options(one, mock));
    if (one.at("call") == "one") return {client.execute_webhooks(named.at(0).module, named.at(0).id)};
    return client.execute_all(records(named));
  });
  CHECK(end.error == one.at("error"));
  if (one.at("statuses") != "-") check_results(one, named, end.results);
  // A wrong argument is the language's own error, which has no result.
  if (end.error != "argument") check_decisive(one, end.results.at(end.index));
  check_ledger(one, mock);
}

void reports_what_the_table_says(const Case& one, test::Mock& mock) {
  prepare(one, mock);
  const std::vector<Named> named = named_records(one.at("records"));
  const oo::Client client(options(one, mock), std::nothrow);
  std::vector<oo::Result> results;
  if (one.at("call") == "one") {
    results.push_back(client.try_execute_webhooks(named.at(0).module, named.at(0).id));
  } else {
    try {
      results = client.try_execute_all(records(named));
    } catch (const std::invalid_argument&) {
      // The record itself is refused when it is made of a name that is none.
      CHECK(one.at("status") == "invalid_module");
      return;
    }
  }
  if (one.at("statuses") != "-") check_results(one, named, results);
  REQUIRE_FALSE(results.empty());
  check_decisive(one, results[oo::detail::most_urgent(results)]);
  check_ledger(one, mock);
}

void take(const std::string& step, oo::Outbox& outbox, const oo::Client& client, test::Mock& mock) {
  const std::vector<std::string> words = split(step, ':');
  const std::string& name = words[0];
  if (name == "drain") {
    outbox.drain(client);
  } else if (name == "well") {
    mock.fault("");
  } else if (name == "put") {
    outbox.put(words.at(1), std::stoll(words.at(2)));
  } else if (name == "retry") {
    outbox.retry(oo::Record(words.at(1), std::stoll(words.at(2))));
  } else {
    REQUIRE(name == "drop");
    outbox.drop(oo::Record(words.at(1), std::stoll(words.at(2))));
  }
}

void check_contents(const Case& one, oo::Outbox& outbox) {
  const oo::OutboxCounts counts = outbox.counts();
  CHECK(joined({std::to_string(counts.waiting), std::to_string(counts.sending), std::to_string(counts.doubt),
                std::to_string(counts.failed)}) == one.at("counts"));
  const std::pair<oo::OutboxState, const char*> states[] = {{oo::OutboxState::Waiting, "waiting"},
                                                            {oo::OutboxState::Sending, "sending"},
                                                            {oo::OutboxState::Doubt, "doubt"},
                                                            {oo::OutboxState::Failed, "failed"}};
  std::vector<std::string> held;
  for (const auto& [state, word] : states) {
    for (const oo::OutboxEntry& entry : outbox.list(state)) {
      held.push_back(std::string(word) + ":" + std::string(oo::name(entry.record.module)) + ":" +
                     std::to_string(entry.record.id) +
                     (entry.status ? ":" + std::string(oo::name(*entry.status)) : ""));
    }
  }
  CHECK(joined(held) == one.at("held"));
}

void an_outbox_does_what_the_table_says(const Case& one, test::Mock& mock, const std::string& folder) {
  prepare(one, mock);
  const oo::Client client(mock.options());
  const std::map<std::string, oo::WhenInDoubt> wishes{
      {"hold", oo::WhenInDoubt::Hold}, {"resend", oo::WhenInDoubt::Resend}, {"drop", oo::WhenInDoubt::Drop}};
  std::optional<oo::Outbox> outbox;
  std::string error = "-";
  try {
    outbox.emplace(one.at("folder") == "there" ? folder : folder + "/missing");
    outbox->when_in_doubt(wishes.at(one.at("in_doubt")));
    for (const std::string& step : split(one.at("steps"), ' ')) take(step, *outbox, client, mock);
  } catch (const oo::OutboxError&) {
    error = "OutboxError";
  } catch (const std::invalid_argument&) {
    error = "argument";
  }
  CHECK(error == one.at("error"));
  if (outbox) check_contents(one, *outbox);
  check_ledger(one, mock);
}

}  // namespace

TEST_CASE("an outbox in C++ does what outboxes in every language do") {
  test::Mock& mock = test::shared_mock();
  for (const Case& one : cases("outbox.tsv")) {
    CAPTURE(one.at("name"));
    std::string folder = (std::filesystem::temp_directory_path() / "oo-outbox-cpp-XXXXXX").string();
    REQUIRE(mkdtemp(folder.data()) != nullptr);
    an_outbox_does_what_the_table_says(one, mock, folder);
    std::filesystem::remove_all(folder);
  }
}

TEST_CASE("a caller in C++ gets what callers in every language get") {
  test::Mock& mock = test::shared_mock();
  const std::vector<Case> all = cases("cases.tsv");
  REQUIRE_FALSE(all.empty());
  for (const Case& one : all) {
    CAPTURE(one.at("name"));
    throws_what_the_table_says(one, mock);
    reports_what_the_table_says(one, mock);
  }
}
