// The mock of the API as tests use it: told what to do, and asked what it executed, at its control port.
#pragma once

#include "process.hpp"

#include <oo_webhooks.hpp>

#include <map>
#include <string>
#include <vector>

namespace test {

constexpr const char* token = "MockTokenMockTokenMockToken00001";
constexpr const char* secret = "MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001";

/// An empty folder that is removed with what the mock put in.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();

  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

class Mock {
 public:
  Mock();

  const std::string& url() const { return url_; }
  const std::string& ca_file() const { return ca_file_; }

  /// What a program needs to call this mock.
  std::map<std::string, std::string> environment() const;

  /// Options of a client that calls this mock with the right credentials.
  oo::Options options() const;

  /// As if nobody had called it yet; the next call opens a connection.
  void reset();

  /// One or more faults in JSON, joined by commas.
  void fault(const std::string& faults);

  /// The records whose webhooks were executed, in order.
  std::vector<oo::Record> executed();

 private:
  /// The rest of its next line, which begins like this.
  std::string after(const std::string& start);
  /// The body of the answer of the control port, which must be 200.
  std::string ask(const std::string& method, const std::string& path, const std::string& body);

  Folder folder_;
  Process process_;
  std::string url_, control_, ca_file_;
};

/// The one mock of the test program.
Mock& shared_mock();

/// What most tests need: the mock as if new, and a client of it.
struct Office {
  Office() { mock.reset(); }

  Mock& mock = shared_mock();
  oo::Client client{mock.options()};
};

}  // namespace test
