#include "mock.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace test {

Folder::Folder() {
  char path[] = "/tmp/oo-webhooks-cpp.XXXXXX";
  if (!mkdtemp(path)) throw std::runtime_error("cannot make a folder in /tmp");
  path_ = path;
}

Folder::~Folder() {
  unlink(file("ca.pem").c_str());
  rmdir(path_.c_str());
}

Mock::Mock()
    : process_({variable("OO_WEBHOOKS_BUILD") + "/bin/oo-webhooks", "mock", "--port", "0", "--control-port", "0",
                "--ca-file", folder_.file("ca.pem"), "--quiet", "--strict", "--exit-with-parent", "--unknown",
                "estate/404", "--unknown", "address/404", "--unknown", "task/404", "--unknown", "calendar/404"},
               {}),
      url_(after("listening ")),
      control_(after("control http://127.0.0.1:")),
      ca_file_(after("ca-file ")) {}

std::map<std::string, std::string> Mock::environment() const {
  return {{"ON_OFFICE_URL", url_},
          {"ON_OFFICE_CA_FILE", ca_file_},
          {"ON_OFFICE_TOKEN", token},
          {"ON_OFFICE_SECRET", secret},
          // For libcurl, which would ask a proxy of the test's own environment.
          {"no_proxy", "127.0.0.1"}};
}

oo::Options Mock::options() const {
  oo::Options options(token, secret);
  options.url(url_).ca_file(ca_file_);
  return options;
}

void Mock::reset() {
  ask("POST", "/mock/reset", "");
  ask("POST", "/mock/close-idle", "");
}

void Mock::fault(const std::string& faults) { ask("POST", "/mock/faults", "[" + faults + "]"); }

/// What follows a name in JSON without spaces, up to the next comma, bracket or quote.
static std::string field(const std::string& json, std::size_t from, const std::string& name) {
  const std::size_t start = json.find(name, from);
  if (start == std::string::npos) throw std::runtime_error("no " + name + " in " + json);
  const std::size_t value = start + name.size();
  return json.substr(value, json.find_first_of(",}]\"", value) - value);
}

std::vector<oo::Record> Mock::executed() {
  const std::string ledger = ask("GET", "/mock/ledger", "");
  const auto total = std::stoul(field(ledger, 0, "\"total\":"));
  std::vector<oo::Record> records;
  for (std::size_t entry = ledger.find("[{"); entry != std::string::npos; entry = ledger.find("},{", entry + 1)) {
    records.emplace_back(field(ledger, entry, "\"module\":\""), std::stoll(field(ledger, entry, "\"id\":")));
  }
  if (records.size() != total) throw std::runtime_error("not a ledger: " + ledger);
  return records;
}

std::string Mock::after(const std::string& start) {
  const std::string line = process_.line();
  if (line.rfind(start, 0) != 0) throw std::runtime_error("the mock said: " + line);
  return line.substr(start.size());
}

std::string Mock::ask(const std::string& method, const std::string& path, const std::string& body) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{patience_ms / 1000, 0};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(control_)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const std::string request = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                              "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  std::string answer;
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      send(connection, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    char bytes[4096];
    for (ssize_t count; (count = recv(connection, bytes, sizeof bytes, 0)) > 0;) {
      answer.append(bytes, static_cast<std::size_t>(count));
    }
  }
  close(connection);
  const std::size_t end_of_head = answer.find("\r\n\r\n");
  if (answer.rfind("HTTP/1.1 200 ", 0) != 0 || end_of_head == std::string::npos) {
    throw std::runtime_error(method + " " + path + " was answered: " + answer);
  }
  return answer.substr(end_of_head + 4);
}

Mock& shared_mock() {
  static Mock mock;
  return mock;
}

}  // namespace test
