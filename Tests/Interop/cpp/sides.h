// The two sides of the program.
#pragma once
#include <string>

namespace grpc::testing {

// Serves until it is killed; prints its address.
int Serve(const std::string& address);

// Runs a case against a server; returns the exit code.
int Run(const std::string& name, const std::string& address);

}  // namespace grpc::testing
