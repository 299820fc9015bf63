// One program for all fuzz targets: BENCHFRONT_FUZZ_TARGET names the one that runs. The flags of
// libFuzzer and corpus folders follow on the command line (https://llvm.org/docs/LibFuzzer.html).
import Glibc

private let chosen: FuzzTarget = {
  let name = getenv("BENCHFRONT_FUZZ_TARGET").map { String(cString: $0) } ?? ""
  guard let target = targets[name] else {
    let names = targets.keys.sorted().joined(separator: ", ")
    fatalError("BENCHFRONT_FUZZ_TARGET is '\(name)', none of \(names)")
  }
  return target
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  chosen(UnsafeRawBufferPointer(start: bytes, count: count))
  return 0
}

/// libFuzzer's driver: SwiftPM has the linker look for `main` under the name below.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>, _ arguments: UnsafeMutableRawPointer,
  _ target: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

@_cdecl("fuzz_main")
public func fuzzMain(_ count: Int32, _ arguments: UnsafeMutableRawPointer) -> Int32 {
  var (count, arguments) = (count, arguments)
  return runDriver(&count, &arguments, fuzzOneInput)
}
