// gRPC C++ on either side of the interoperability tests: `serve ADDRESS`, `run CASE ADDRESS`.
#include <iostream>
#include <string>

#include "sides.h"

int main(int count, char** words) {
  const std::string verb = count > 1 ? words[1] : "";
  if (verb == "serve" && count == 3) return grpc::testing::Serve(words[2]);
  if (verb == "run" && count == 4) return grpc::testing::Run(words[2], words[3]);
  std::cerr << "usage: interop serve ADDRESS | interop run CASE ADDRESS\n";
  return 2;
}
