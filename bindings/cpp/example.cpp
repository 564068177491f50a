/*
 * Executes the marketplace webhooks of one record and shows what each outcome asks of the caller.
 *
 *     c++ -std=c++17 example.cpp $(pkg-config --cflags --libs oo_webhooks) -o example
 *     ON_OFFICE_TOKEN=... ON_OFFICE_SECRET=... ./example address 15005
 *
 * It ends with the number of the outcome: 0 executed, 1 rejected, 2 not sent, 3 in doubt.
 */
#include <oo_webhooks.hpp>

#include <charconv>
#include <cstdint>
#include <iostream>
#include <string_view>
#include <system_error>

static int execute(std::string_view module, std::int64_t id) {
  try {
    // Token and secret, and a URL or CA file if set, come from the environment.
    oo::Client::from_environment().execute_webhooks(module, id);
    std::cout << "executed: " << module << ' ' << id << '\n';
    return 0;
  } catch (const oo::RejectedError& error) {
    std::cout << "fix the cause: " << error.what() << " (onOffice's error " << error.error_code() << ")\n";
    return 1;
  } catch (const oo::NotSentError& error) {
    std::cout << "nothing was sent: " << error.what() << '\n';
    return 2;
  } catch (const oo::InDoubtError& error) {
    std::cout << "a repeat may execute twice: " << error.what() << '\n';
    return 3;
  }
}

int main(int argc, char** argv) {
  const std::string_view module = argc > 1 ? argv[1] : "address";
  const std::string_view digits = argc > 2 ? argv[2] : "15005";
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    std::cerr << "usage: " << argv[0] << " [estate|address|task|calendar] [id]\n";
    return 64;
  }
  try {
    return execute(module, id);
  } catch (const std::exception& wrong) {
    // Nothing was sent: a setting, the environment or an argument is wrong.
    std::cerr << wrong.what() << '\n';
    return 2;
  }
}
