// Names, and numbers that this header does not know yet.
#include <oo_webhooks.hpp>

#include <doctest/doctest.h>

#include <algorithm>

TEST_CASE("every status has the name and the outcome of its number") {
  struct Row {
    oo::Status status;
    int number;
    const char* name;
    oo::Outcome outcome;
  };
  using oo::Outcome, oo::Status;
  for (const Row& row : {
           Row{Status::Ok, 0, "ok", Outcome::Executed},
           Row{Status::InvalidArgument, 1, "invalid_argument", Outcome::NotSent},
           Row{Status::InvalidModule, 2, "invalid_module", Outcome::NotSent},
           Row{Status::InvalidId, 3, "invalid_id", Outcome::NotSent},
           Row{Status::InvalidOption, 4, "invalid_option", Outcome::NotSent},
           Row{Status::NotConfigured, 5, "not_configured", Outcome::NotSent},
           Row{Status::DnsFailed, 10, "dns_failed", Outcome::NotSent},
           Row{Status::ConnectFailed, 11, "connect_failed", Outcome::NotSent},
           Row{Status::ConnectTimeout, 12, "connect_timeout", Outcome::NotSent},
           Row{Status::TlsFailed, 13, "tls_failed", Outcome::NotSent},
           Row{Status::ProxyFailed, 14, "proxy_failed", Outcome::NotSent},
           Row{Status::OutOfMemory, 15, "out_of_memory", Outcome::NotSent},
           Row{Status::ForkedTooEarly, 16, "forked_too_early", Outcome::NotSent},
           Row{Status::Timeout, 20, "timeout", Outcome::InDoubt},
           Row{Status::ConnectionLost, 21, "connection_lost", Outcome::InDoubt},
           Row{Status::BadResponse, 22, "bad_response", Outcome::InDoubt},
           Row{Status::HttpError, 23, "http_error", Outcome::InDoubt},
           Row{Status::ServerError, 24, "server_error", Outcome::InDoubt},
           Row{Status::NotAuthenticated, 30, "not_authenticated", Outcome::Rejected},
           Row{Status::ClockSkew, 31, "clock_skew", Outcome::Rejected},
           Row{Status::NotAllowed, 32, "not_allowed", Outcome::Rejected},
           Row{Status::UnknownRecord, 33, "unknown_record", Outcome::Rejected},
           Row{Status::Rejected, 34, "rejected", Outcome::Rejected},
           Row{Status::OutboxFailed, 40, "outbox_failed", Outcome::NotSent},
           Row{Status::Internal, 90, "internal", Outcome::InDoubt},
       }) {
    CAPTURE(row.name);
    CHECK(static_cast<int>(row.status) == row.number);
    CHECK(oo::name(row.status) == row.name);
    CHECK(oo::outcome(row.status) == row.outcome);
    CHECK_FALSE(oo::message(row.status).empty());
  }
}

TEST_CASE("a status of a later library keeps its number and leaves doubt") {
  const auto status = static_cast<oo::Status>(77);
  CHECK(oo::name(status) == "unknown");
  CHECK(oo::outcome(status) == oo::Outcome::InDoubt);
  const oo::Result result(status, oo::Module::Task, 1, "something new");
  CHECK(static_cast<int>(result.status()) == 77);
  CHECK(result.outcome() == oo::Outcome::InDoubt);
}

TEST_CASE("modules and outcomes have their names, and names lead back to modules") {
  for (const oo::Module module : {oo::Module::Estate, oo::Module::Address, oo::Module::Task, oo::Module::Calendar}) {
    CHECK(oo::to_module(oo::name(module)) == module);
  }
  CHECK(oo::to_module("Estate") == std::nullopt);
  CHECK(oo::name(static_cast<oo::Module>(9)).empty());
  CHECK(oo::name(oo::Outcome::Executed) == "executed");
  CHECK(oo::name(oo::Outcome::Rejected) == "rejected");
  CHECK(oo::name(oo::Outcome::NotSent) == "not_sent");
  CHECK(oo::name(oo::Outcome::InDoubt) == "in_doubt");
}

TEST_CASE("records are equal by module and id") {
  CHECK(oo::Record("task", 1) == oo::Record(oo::Module::Task, 1));
  CHECK(oo::Record("task", 1) != oo::Record("estate", 1));
  CHECK(oo::Record("task", 1) != oo::Record("task", 2));
}

TEST_CASE("the version is that of the library") {
  CHECK(oo::version() == oo_version());
  CHECK(std::count(oo::version().begin(), oo::version().end(), '.') == 2);
}
