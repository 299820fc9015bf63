import CCurl
import Reactor

/// A `CURL *`: one request's options, and what libcurl says about it.
///
/// https://curl.se/libcurl/c/curl_easy_setopt.html
final class EasyHandle {
  let raw: UnsafeMutableRawPointer
  private var fields: UnsafeMutablePointer<curl_slist>?
  private let errorText: UnsafeMutableBufferPointer<CChar>
  private let body: UnsafeMutableBufferPointer<CChar>?

  /// Throws `badRequest` for an address or a header that cannot be sent.
  init(_ request: TransferRequest) throws(TransferError) {
    guard let raw = curl_easy_init() else {
      throw TransferError(.failed, "out of memory")
    }
    self.raw = raw
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0)
    body = request.body.map { bytes in
      let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: max(1, bytes.count))
      _ = copy.initialize(from: bytes.lazy.map { CChar(bitPattern: $0) })
      return copy
    }
    try configure(request)
  }

  deinit {
    curl_easy_cleanup(raw)
    curl_slist_free_all(fields)
    errorText.deallocate()
    body?.deallocate()
  }

  private func configure(_ request: TransferRequest) throws(TransferError) {
    let error = ccurl_set_pointer(raw, CURLOPT_ERRORBUFFER, errorText.baseAddress)
    guard error == CURLE_OK,
      ccurl_set_text(raw, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK,
      isPlain(request.url), isWeb(request.url),
      ccurl_set_text(raw, CURLOPT_URL, request.url) == CURLE_OK
    else { throw TransferError(.badRequest, "'\(request.url)' is not an address") }
    setLong(CURLOPT_NOSIGNAL, 1)
    setLong(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    setLong(CURLOPT_FRESH_CONNECT, request.usesFreshConnection ? 1 : 0)
    setLong(CURLOPT_FORBID_REUSE, request.usesFreshConnection ? 1 : 0)
    if !request.usesProxy { _ = ccurl_set_text(raw, CURLOPT_PROXY, "") }
    setLong(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connectTimeout))
    setLong(CURLOPT_TIMEOUT_MS, milliseconds(request.totalTimeout))
    try setMethod(request)
    try setHeaders(request)
  }

  private func setMethod(_ request: TransferRequest) throws(TransferError) {
    guard isPlain(request.method), !request.method.isEmpty, !request.method.contains(" ") else {
      throw TransferError(.badRequest, "'\(request.method)' is not a method")
    }
    if request.method == "HEAD" { return setLong(CURLOPT_NOBODY, 1) }
    if let bytes = request.body {
      setLong(CURLOPT_POST, 1)
      _ = ccurl_set_pointer(raw, CURLOPT_POSTFIELDS, body?.baseAddress)
      _ = ccurl_set_offset(raw, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
    }
    let usual = request.body == nil ? "GET" : "POST"
    if request.method != usual {
      _ = ccurl_set_text(raw, CURLOPT_CUSTOMREQUEST, request.method)
    }
  }

  private func setHeaders(_ request: TransferRequest) throws(TransferError) {
    // "Expect: 100-continue" would put a round trip before the body.
    var lines = ["Expect:"]
    for field in request.headers {
      guard isPlain(field.name), isPlain(field.value), !field.name.contains(":") else {
        throw TransferError(.badRequest, "the header field '\(field.name)' cannot be sent")
      }
      lines.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
    }
    for line in lines {
      guard let longer = curl_slist_append(fields, line) else {
        throw TransferError(.failed, "out of memory")
      }
      fields = longer
    }
    _ = ccurl_set_pointer(raw, CURLOPT_HTTPHEADER, fields)
  }

  /// Makes libcurl call `transfer`, which it does not keep alive.
  func connect(_ transfer: Transfer) {
    let context = Unmanaged.passUnretained(transfer).toOpaque()
    for option in [
      CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_PREREQDATA, CURLOPT_PRIVATE,
    ] { _ = ccurl_set_pointer(raw, option, context) }
    _ = ccurl_set_data_callback(raw, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      let data = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return EasyHandle.transfer(context).received(data) ? data.count : .max
    }
    _ = ccurl_set_data_callback(raw, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      let data = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return EasyHandle.transfer(context).receivedHeader(data) ? data.count : .max
    }
    _ = ccurl_set_prerequest_callback(raw) { context, _, _, _, _ in
      EasyHandle.transfer(context).willSend()
      return CURL_PREREQFUNC_OK
    }
  }

  private static func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer {
    guard let context else { preconditionFailure("libcurl lost the context that we gave it") }
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  }

  /// The transfer that a finished `CURL *` belongs to.
  static func owner(of raw: UnsafeMutableRawPointer) -> Transfer? {
    var context: UnsafeMutableRawPointer?
    guard ccurl_get_pointer(raw, CURLINFO_PRIVATE, &context) == CURLE_OK else { return nil }
    return context.map { transfer($0) }
  }

  /// What libcurl wrote about the failure.
  func message(_ code: CURLcode) -> String {
    guard let base = errorText.baseAddress, base.pointee != 0 else {
      return String(cString: curl_easy_strerror(code))
    }
    return String(cString: base)
  }

  private func setLong(_ option: CURLoption, _ value: Int) {
    _ = ccurl_set_long(raw, option, value)
  }

  private func milliseconds(_ duration: Duration) -> Int {
    // 0 would mean for ever; libcurl refuses more than it can count.
    min(max(1, Int(duration.wholeNanoseconds / 1_000_000)), 2_000_000_000)
  }

  private func isWeb(_ url: String) -> Bool {
    let scheme = url.prefix(8).lowercased()
    return scheme.hasPrefix("http://") || scheme == "https://"
  }

  private func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
  }
}
