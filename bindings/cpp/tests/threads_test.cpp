// Threads that share a client, and a child process that goes on with it.
#include "support/mock.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <thread>

TEST_CASE_FIXTURE(test::Office, "threads share a client and each record is executed once") {
  constexpr int threads = 8, calls = 25;
  std::atomic<int> executed{0};
  std::vector<std::thread> running;
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      for (int call = 1; call <= calls; ++call) {
        const int id = thread * calls + call;
        const oo::Result result = client.try_execute_webhooks(oo::Module::Address, id);
        if (result.is_executed() && result.id() == id) ++executed;
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  CHECK(executed == threads * calls);
  std::set<std::int64_t> ids;
  for (const oo::Record& record : mock.executed()) ids.insert(record.id);
  CHECK(ids.size() == threads * calls);
  CHECK(mock.executed().size() == threads * calls);
}

TEST_CASE_FIXTURE(test::Office, "a forked child goes on with the client, and so does its parent") {
  CHECK(client.execute_webhooks(oo::Module::Task, 1).is_executed());
  const pid_t child = fork();
  if (child == 0) _exit(client.try_execute_webhooks(oo::Module::Task, 2).is_executed() ? 0 : 1);
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(client.execute_webhooks(oo::Module::Task, 3).is_executed());
  CHECK(mock.executed() == std::vector<oo::Record>{{"task", 1}, {"task", 2}, {"task", 3}});
}
