/*
 * Saves that the webhooks of a record are to be executed: after the app's own save, instead of waiting for onOffice.
 *
 *     c++ -std=c++17 outbox_example.cpp $(pkg-config --cflags --libs oo_webhooks) -o outbox_example
 *     ./outbox_example /var/spool/shop address 15005
 *
 * A worker executes them: oo-webhooks work --outbox /var/spool/shop
 */
#include <oo_webhooks.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>

int main(int count, char** arguments) {
  if (count != 4) {
    std::cerr << "usage: " << arguments[0] << " FOLDER MODULE ID\n";
    return 2;
  }
  try {
    oo::Outbox(arguments[1]).put(arguments[2], std::strtoll(arguments[3], nullptr, 10));
    std::cout << "saved: " << arguments[2] << ' ' << arguments[3] << '\n';
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
