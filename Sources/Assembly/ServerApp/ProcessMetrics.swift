import BenchmarkDomain
import GRPCServices
import Glibc
import Telemetry

/// The metrics that Prometheus expects of every process.
///
/// https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
enum ProcessMetrics {
  static func register(in registry: MetricRegistry) {
    registry.observed(
      "benchfront_build_info", help: "Version of the server; always 1.", labels: ["version"]
    ) {
      [.init(1, labels: [Product.version])]
    }
    registry.observed(
      "process_resident_memory_bytes", help: "Memory that is in RAM, in bytes."
    ) {
      [.init(residentBytes())]
    }
    registry.observed("process_open_fds", help: "Open file descriptors.") {
      [.init(Double(openDescriptors()))]
    }
    registry.observed("process_max_fds", help: "Most file descriptors that may be open.") {
      [.init(descriptorLimit())]
    }
    let start = startSeconds()
    registry.observed(
      "process_start_time_seconds", help: "Start of the process, in seconds since 1970."
    ) {
      [.init(start)]
    }
    registry.observedCounter(
      "process_cpu_seconds_total", help: "Processor time spent, in seconds."
    ) {
      [.init(processorSeconds())]
    }
  }

  /// What load reports say of the machine.
  static func usage() -> LoadReportInterceptor.Usage {
    let pages = Double(sysconf(Int32(_SC_PHYS_PAGES)))
    let memory = residentBytes() / (pages * Double(sysconf(Int32(_SC_PAGESIZE))))
    return .init(
      processorSeconds: processorSeconds() / Double(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))),
      memory: memory.isFinite ? memory : 0)
  }

  /// Of /proc/self/statm, the second number, in pages.
  private static func residentBytes() -> Double {
    guard let file = fopen("/proc/self/statm", "re") else { return .nan }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, Int32(line.count), file) != nil else { return .nan }
    let text = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let words = text.split(separator: " ")
    guard words.count > 1, let pages = Double(words[1]) else { return .nan }
    return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
  }

  private static func openDescriptors() -> Int {
    guard let folder = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    // Itself, `.` and `..` are no open files of the process.
    return count - 3
  }

  private static func descriptorLimit() -> Double {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return Double(limit.rlim_cur)
  }

  private static func processorSeconds() -> Double {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1e6
  }

  /// The metrics are registered when the process starts.
  private static func startSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }
}
