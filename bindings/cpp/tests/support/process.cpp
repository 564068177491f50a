#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace test {

std::string variable(const char* name) {
  const char* value = getenv(name);
  if (!value) throw std::runtime_error(std::string(name) + " is not set: run the tests with make");
  return value;
}

std::string program(const std::string& name) { return variable("OO_WEBHOOKS_TEST_PROGRAMS") + "/" + name; }

static std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

Process::Process(std::vector<std::string> arguments, const std::map<std::string, std::string>& variables) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text(*entry);
    const std::string name(text.substr(0, text.find('=')));
    if (name.rfind("ON_OFFICE_", 0) != 0 && !variables.count(name)) environment.emplace_back(text);
  }
  for (const auto& [name, value] : variables) environment.push_back(name + "=" + value);

  int input[2], output[2];
  // Close-on-exec, so that no other program keeps a pipe open.
  if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  const int error = posix_spawn(&id_, arguments[0].c_str(), &actions, nullptr, pointers(arguments).data(),
                                pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  close(input[0]);
  close(output[1]);
  input_ = input[1];
  output_ = output[0];
  if (error != 0) throw std::runtime_error("cannot start " + arguments[0]);
}

Process::~Process() {
  if (id_ > 0) finish();
}

std::string Process::line() {
  std::size_t end;
  while ((end = read_.find('\n')) == std::string::npos) {
    if (!read_more()) throw std::runtime_error("the program ended early: " + read_);
  }
  std::string line = read_.substr(0, end);
  read_.erase(0, end + 1);
  return line;
}

Run Process::finish() {
  close(input_);
  try {
    while (read_more()) {
    }
  } catch (const std::runtime_error&) {
    kill(id_, SIGKILL);
  }
  close(output_);
  int status = 0;
  waitpid(id_, &status, 0);
  id_ = 0;
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read_};
}

bool Process::read_more() {
  pollfd readable{output_, POLLIN, 0};
  if (poll(&readable, 1, patience_ms) == 0) throw std::runtime_error("the program takes too long: " + read_);
  char bytes[4096];
  const ssize_t count = read(output_, bytes, sizeof bytes);
  if (count > 0) read_.append(bytes, static_cast<std::size_t>(count));
  return count > 0;
}

Run run(std::vector<std::string> arguments, const std::map<std::string, std::string>& variables) {
  return Process(std::move(arguments), variables).finish();
}

}  // namespace test
