// Makes a real call while they are forbidden; swallows all errors, as careless code under test does.
#include <oo_webhooks_fake.hpp>

int main() {
  const oo::forbid_real_calls guard;
  try {
    oo::Client(oo::Options("token", "secret").url("https://127.0.0.1:1/")).execute_webhooks(oo::Module::Task, 1);
  } catch (...) {
  }
}
