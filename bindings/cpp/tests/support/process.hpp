// Programs that a test starts, with an environment of its own, and ends by their id.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace test {

/// Longer than anything here takes under valgrind on a busy machine.
constexpr int patience_ms = 60'000;

/// The value of an environment variable that the runner of the tests sets.
std::string variable(const char* name);

/// The path of a program that is built beside the tests.
std::string program(const std::string& name);

/// What a program printed and how it ended: its exit code, or 128 and the number of a signal.
struct Run {
  int exit_code;
  std::string output;
};

/// A running program with pipes to its input and from its output; standard error is the test's own.
class Process {
 public:
  /// Without the ON_OFFICE_ variables of the test, and with these.
  Process(std::vector<std::string> arguments, const std::map<std::string, std::string>& variables);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  /// The next line of its output without the newline. Throws when it ends or takes too long.
  std::string line();

  /// Closes its input, waits for its end, and kills it when that takes too long.
  Run finish();

 private:
  /// Whether there was more before the end.
  bool read_more();

  pid_t id_ = 0;
  int input_ = -1;
  int output_ = -1;
  std::string read_;
};

/// Runs a program to its end.
Run run(std::vector<std::string> arguments, const std::map<std::string, std::string>& variables);

}  // namespace test
