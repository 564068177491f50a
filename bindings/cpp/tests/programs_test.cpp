// Programs built on the header: the example, the reporting half without exceptions, and those of docs/cpp.md.
#include "support/mock.hpp"

#include <doctest/doctest.h>

using Records = std::vector<oo::Record>;

namespace {

test::Run example(test::Mock& mock, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), test::program("example"));
  return test::run(arguments, mock.environment());
}

}  // namespace

TEST_CASE_FIXTURE(test::Office, "the example ends with the number of the outcome and says what to do") {
  const test::Run executed = example(mock, {"address", "15005"});
  CHECK(executed.exit_code == 0);
  CHECK(executed.output == "executed: address 15005\n");

  const test::Run rejected = example(mock, {"estate", "404"});
  CHECK(rejected.exit_code == 1);
  CHECK(rejected.output.find("fix the cause: ") == 0);
  CHECK(rejected.output.find("(onOffice's error 293)") != std::string::npos);

  mock.fault(R"({"kind": "tls_alert"})");
  const test::Run not_sent = example(mock, {"task", "1"});
  CHECK(not_sent.exit_code == 2);
  CHECK(not_sent.output.find("nothing was sent: ") == 0);

  mock.fault(R"({"kind": "drop_after_executing"})");
  const test::Run in_doubt = example(mock, {"task", "2"});
  CHECK(in_doubt.exit_code == 3);
  CHECK(in_doubt.output.find("a repeat may execute twice: ") == 0);

  CHECK(mock.executed() == Records{{"address", 15005}, {"task", 2}});
}

TEST_CASE_FIXTURE(test::Office, "the example has a record of its own and explains wrong arguments") {
  CHECK(example(mock, {}).exit_code == 0);
  CHECK(example(mock, {"adress", "1"}).exit_code == 2);
  CHECK(example(mock, {"address", "0"}).exit_code == 2);
  CHECK(example(mock, {"address", "seven"}).exit_code == 64);
  CHECK(example(mock, {"address", "7x"}).exit_code == 64);
  CHECK(test::run({test::program("example")}, {}).exit_code == 2);
  CHECK(mock.executed() == Records{{"address", 15005}});
}

TEST_CASE_FIXTURE(test::Office, "the reporting half works without exceptions") {
  const test::Run run = test::run({test::program("no_exceptions")}, mock.environment());
  CHECK(run.output == "");
  CHECK(run.exit_code == 0);
  CHECK(mock.executed() == Records{{"task", 1}, {"task", 2}, {"task", 3}, {"task", 4}, {"task", 5}});
}

TEST_CASE_FIXTURE(test::Office, "the programs of the documentation do what it says") {
  struct Row {
    const char* name;
    Records executed;
  };
  for (const Row& row : {
           Row{"first_call", {{"address", 15005}}},
           Row{"outcomes", {{"address", 15005}}},
           Row{"reporting", {{"estate", 7}}},
           Row{"several", {{"estate", 7}, {"address", 15005}}},
           Row{"options", {{"task", 1}}},
           Row{"worker", {{"address", 15005}, {"estate", 7}}},
           Row{"curl", {{"address", 15005}, {"estate", 7}}},
       }) {
    CAPTURE(row.name);
    mock.reset();
    const test::Run run = test::run({test::program("docs/" + std::string(row.name))}, mock.environment());
    CHECK_MESSAGE(run.exit_code == 0, run.output);
    CHECK(mock.executed() == row.executed);
  }
}
