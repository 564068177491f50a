// The mock of the API as tests use it: told what to do, and asked what it executed, at its control port.
#pragma once

#include "process.hpp"

#include <oo_webhooks.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <map>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

namespace test {

constexpr const char* token = "MockTokenMockTokenMockToken00001";
constexpr const char* secret = "MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001";

/// The folder with lib/, include/ and bin/ of the project.
inline std::string build() {
  const char* folder = getenv("OO_WEBHOOKS_BUILD");
  if (!folder) throw std::runtime_error("OO_WEBHOOKS_BUILD is not set: run the tests with make");
  return folder;
}

/// An empty folder that is removed with what the mock put in.
class Folder {
 public:
  Folder() {
    char path[] = "/tmp/oo-webhooks-cpp.XXXXXX";
    if (!mkdtemp(path)) throw std::runtime_error("cannot make a folder in /tmp");
    path_ = path;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    unlink((path_ + "/ca.pem").c_str());
    rmdir(path_.c_str());
  }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

class Mock {
 public:
  Mock()
      : process_({build() + "/bin/oo-webhooks", "mock", "--port", "0", "--control-port", "0", "--ca-file",
                  folder_.file("ca.pem"), "--quiet", "--exit-with-parent", "--unknown", "estate/404", "--unknown",
                  "address/404", "--unknown", "task/404", "--unknown", "calendar/404"},
                 {}),
        url_(after("listening ")),
        control_(after("control http://127.0.0.1:")),
        ca_file_(after("ca-file ")) {}

  const std::string& url() const { return url_; }
  const std::string& ca_file() const { return ca_file_; }

  /// What a program needs to call this mock.
  std::map<std::string, std::string> environment() const {
    return {{"ON_OFFICE_URL", url_}, {"ON_OFFICE_CA_FILE", ca_file_}, {"ON_OFFICE_TOKEN", token},
            {"ON_OFFICE_SECRET", secret}};
  }

  /// Options of a client that calls this mock with the right credentials.
  oo::Options options() const {
    oo::Options options(token, secret);
    options.url(url_).ca_file(ca_file_);
    return options;
  }

  /// As if nobody had called it yet; the next call opens a connection.
  void reset() {
    ask("POST", "/mock/reset", "");
    ask("POST", "/mock/close-idle", "");
  }

  /// One or more faults in JSON, joined by commas.
  void fault(const std::string& faults) { ask("POST", "/mock/faults", "[" + faults + "]"); }

  /// The records whose webhooks were executed, in order.
  std::vector<oo::Record> executed() {
    const std::string ledger = ask("GET", "/mock/ledger", "");
    const std::regex entry(R"re(\{[^{}]*\})re"), module(R"re("module":"(\w+)")re"), id(R"re("id":(\d+))re");
    std::vector<oo::Record> records;
    for (std::sregex_iterator one(ledger.begin(), ledger.end(), entry), end; one != end; ++one) {
      const std::string fields = one->str();
      std::smatch module_match, id_match;
      if (!std::regex_search(fields, module_match, module) || !std::regex_search(fields, id_match, id)) {
        throw std::runtime_error("not an entry of the ledger: " + fields);
      }
      records.emplace_back(module_match[1].str(), std::stoll(id_match[1].str()));
    }
    return records;
  }

 private:
  std::string after(const std::string& start) {
    const std::string line = process_.line();
    if (line.rfind(start, 0) != 0) throw std::runtime_error("the mock said: " + line);
    return line.substr(start.size());
  }

  /// The body of the answer of the control port, which must be 200.
  std::string ask(const std::string& method, const std::string& path, const std::string& body) {
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

  Folder folder_;
  Process process_;
  std::string url_, control_, ca_file_;
};

/// The one mock of the test program.
inline Mock& shared_mock() {
  static Mock mock;
  return mock;
}

/// What most tests need: the mock as if new, and a client of it.
struct Office {
  Office() { mock.reset(); }

  Mock& mock = shared_mock();
  oo::Client client{mock.options()};
};

}  // namespace test
