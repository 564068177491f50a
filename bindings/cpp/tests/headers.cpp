// Compiled alone, by every compiler and standard: the headers need nothing before them and may come twice.
#include <oo_webhooks.hpp>
#include <oo_webhooks.hpp>

#include <oo_webhooks_fake.hpp>
#include <oo_webhooks_fake.hpp>

oo::Result reporting(const oo::Executor& client, oo::Request& request, const oo::Client& signer);
oo::Result reporting(const oo::Executor& client, oo::Request& request, const oo::Client& signer) {
  if (request.try_add("task", 1) != oo::Status::Ok || request.try_sign(signer) != oo::Status::Ok) {
    return request.try_parse_response(200, request.body())[0];
  }
  return client.try_execute_all({{oo::Module::Task, 1}})[0];
}

#ifdef __cpp_exceptions
oo::Result throwing(const oo::Executor& client, oo::Request& request);
oo::Result throwing(const oo::Executor& client, oo::Request& request) {
  client.execute_webhooks("task", 1);
  client.execute_all({{oo::Module::Task, 1}, {"estate", 2}});
  const std::string_view body = request.add("task", 1).sign(oo::Client::from_environment());
  return request.parse_response(200, body)[0];
}
#endif
