// Request: for callers with an HTTP client of their own.
#include "support/mock.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace std::string_view_literals;

namespace {

// The first vector of tests/vectors/hmac-v2.json.
constexpr const char* vector_token = "0123456789abcdef0123456789abcdef";
constexpr const char* vector_secret = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
constexpr std::int64_t vector_time = 1'700'000'000;
constexpr const char* vector_hmac = "uCr2HO+moBB3QqYLW6zGtddo4gkQpU1lP5wLgU1uRWg=";

oo::Client signer() { return oo::Client(oo::Options(vector_token, vector_secret)); }

std::string action(const std::string& id, const std::string& code, const std::string& result) {
  return R"({"actionid":"urn:onoffice-de-ns:smart:2.5:smartml:action:do","resourceid":")" + id +
         R"(","resourcetype":"executeMarketplaceWebhooks","identifier":"","data":{"meta":{"cntabsolute":null},"records":[)" +
         result + R"(]},"status":{"errorcode":)" + code + R"(,"message":"as told"}})";
}

std::string answer(const std::string& actions) {
  return R"({"status":{"code":200,"errorcode":0,"message":"OK"},"response":{"results":[)" + actions + "]}}";
}

const std::string success = R"({"id":0,"type":"","elements":{"result":"success"}})";

}  // namespace

TEST_CASE("a signed request carries token, time, records and the signature of the published vector") {
  oo::Request request;
  request.add(oo::Module::Address, 15005).add("estate", 7);
  CHECK(request.count() == 2);
  CHECK(request.body().empty());
  const std::string_view body = request.sign(signer(), vector_time);
  for (const std::string& part :
       {std::string(vector_token), std::string(vector_hmac), std::string("1700000000"), std::string("\"15005\""),
        std::string("\"7\""), std::string("\"address\""), std::string("\"estate\"")}) {
    CAPTURE(part);
    CHECK(body.find(part) != std::string_view::npos);
  }
  CHECK(body.find(vector_secret) == std::string_view::npos);
  CHECK(request.body() == body);
}

TEST_CASE("a request is signed for now unless told otherwise") {
  oo::Request request;
  request.add(oo::Module::Task, 1);
  const auto seconds = [] {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
  const auto before = seconds();
  const std::string body(request.sign(signer()));
  const auto after = seconds();
  const std::string field = "\"timestamp\":";
  REQUIRE(body.find(field) != std::string::npos);
  const long long signed_for = std::stoll(body.substr(body.find(field) + field.size()));
  CHECK(before <= signed_for);
  CHECK(signed_for <= after);
}

TEST_CASE("another record voids the signature") {
  oo::Request request;
  request.add(oo::Module::Task, 1);
  REQUIRE(request.try_sign(signer()) == oo::Status::Ok);
  CHECK_FALSE(request.body().empty());
  REQUIRE(request.try_add(oo::Module::Task, 2) == oo::Status::Ok);
  CHECK(request.body().empty());
}

TEST_CASE("a record that is refused leaves the request as it was, and the message says why") {
  oo::Request request;
  request.add(oo::Module::Task, 1);
  CHECK_THROWS_AS(request.add(oo::Module::Task, 1), std::invalid_argument);
  CHECK_THROWS_AS(request.add(oo::Module::Task, 0), std::invalid_argument);
  CHECK_THROWS_AS(request.add("adress", 1), std::invalid_argument);
  CHECK(request.try_add("adress", 1) == oo::Status::InvalidModule);
  CHECK(request.message().find("adress") != std::string::npos);
  CHECK(request.try_add("task\0"sv, 2) == oo::Status::InvalidModule);
  CHECK(request.try_add("task", -1) == oo::Status::InvalidId);
  CHECK(request.count() == 1);
  CHECK(request.try_add("task", 2) == oo::Status::Ok);
  CHECK(request.message().empty());
}

TEST_CASE("signing is refused without a record, for a time before 1970 and with a client that is not open") {
  oo::Request request;
  oo::Client client = signer();
  CHECK_THROWS_AS((void)request.sign(client), std::invalid_argument);
  request.add(oo::Module::Task, 1);
  CHECK_THROWS_AS((void)request.sign(client, -1), std::invalid_argument);
  CHECK(request.try_sign(client, -1) == oo::Status::InvalidArgument);
  CHECK_FALSE(request.message().empty());
  client.close();
  CHECK_THROWS_AS((void)request.sign(client), std::logic_error);
  CHECK(request.try_sign(client) == oo::Status::InvalidArgument);
  CHECK(request.body().empty());
}

TEST_CASE("an answer becomes one result a record, in order") {
  oo::Request request;
  request.add(oo::Module::Address, 1).add(oo::Module::Estate, 404);
  const std::string body = answer(action("1", "0", success) + "," + action("404", "293", ""));
  const std::vector<oo::Result> results = request.parse_response(200, body);
  REQUIRE(results.size() == 2);
  CHECK(results[0].is_executed());
  CHECK(results[0].module() == oo::Module::Address);
  CHECK(results[0].body() == body);
  CHECK(results[1].status() == oo::Status::UnknownRecord);
  CHECK(results[1].error_code() == 293);
  CHECK(request.try_parse_response(200, body)[1].error_code() == 293);
}

TEST_CASE("an answer that is not the API's is in doubt") {
  oo::Request request;
  request.add(oo::Module::Address, 1);
  for (const std::string_view body : {""sv, "<html>"sv, "\0\xff"sv, "{}"sv, std::string_view()}) {
    CHECK(request.parse_response(200, body)[0].outcome() == oo::Outcome::InDoubt);
    CHECK(request.try_parse_response(502, body)[0].status() == oo::Status::HttpError);
  }
  // A NUL in an answer does not end it.
  const std::string with_tail = answer(action("1", "0", success)) + '\0' + "<html>";
  CHECK(request.parse_response(200, with_tail)[0].outcome() == oo::Outcome::InDoubt);
  CHECK(request.parse_response(200, with_tail)[0].body() == with_tail);
}

TEST_CASE("an HTTP status that is none is refused, and in doubt where nothing is thrown") {
  oo::Request request;
  request.add(oo::Module::Address, 1).add("task", 2);
  for (const int http_status : {0, -1, 99, 1000}) {
    CAPTURE(http_status);
    CHECK_THROWS_AS((void)request.parse_response(http_status, ""), std::invalid_argument);
    const std::vector<oo::Result> results = request.try_parse_response(http_status, "");
    REQUIRE(results.size() == 2);
    CHECK(results[0].outcome() == oo::Outcome::InDoubt);
    CHECK(results[1].module() == oo::Module::Task);
    CHECK(results[1].id() == 2);
  }
  CHECK_THROWS_AS((void)oo::Request().parse_response(200, "{}"), std::invalid_argument);
  CHECK(oo::Request().try_parse_response(200, "{}").empty());
}

TEST_CASE("a request that was moved from refuses, and the one it was moved to goes on") {
  oo::Request request;
  request.add(oo::Module::Task, 1);
  oo::Request moved(std::move(request));
  CHECK(moved.count() == 1);
  CHECK_FALSE(moved.sign(signer(), vector_time).empty());
  CHECK(request.count() == 0);
  CHECK(request.body().empty());
  CHECK_THROWS_AS(request.add(oo::Module::Task, 2), std::logic_error);
  CHECK(request.try_add(oo::Module::Task, 2) == oo::Status::InvalidArgument);
  CHECK(request.message().find("moved") != std::string::npos);
  CHECK_THROWS_AS((void)request.sign(signer()), std::logic_error);
  CHECK_THROWS_AS((void)request.parse_response(200, ""), std::logic_error);
}

TEST_CASE_FIXTURE(test::Office, "the handle serves calls of the C API") {
  oo::Request request;
  request.add(oo::Module::Calendar, 3);
  oo_results* results = nullptr;
  CHECK(oo_client_execute_request(client.handle(), request.handle(), &results) == OO_STATUS_OK);
  CHECK(oo::Result::all_of(results).at(0).id() == 3);
  oo_results_free(results);
  CHECK(mock.executed() == std::vector<oo::Record>{{oo::Module::Calendar, 3}});
}
