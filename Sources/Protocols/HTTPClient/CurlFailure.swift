import CCurl

/// Turns libcurl's codes into ours.
enum CurlFailure {
  static func outcome(of transfer: Transfer, code: UInt32) -> Result<Void, TransferError> {
    if let own = transfer.ownError { return .failure(own) }
    let code = CURLcode(code)
    if code == CURLE_OK { return .success(()) }
    return .failure(
      TransferError(kind(of: transfer, code: code), transfer.handle.message(code)))
  }

  private static func kind(of transfer: Transfer, code: CURLcode) -> TransferError.Code {
    switch code {
    case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
      return .couldNotConnect
    case CURLE_OPERATION_TIMEDOUT:
      return .timedOut
    case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING:
      return transfer.isSent ? .malformed : .badRequest
    case CURLE_URL_MALFORMAT:
      return .badRequest
    case CURLE_GOT_NOTHING:
      return .closedBeforeFirstByte
    case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM:
      return transfer.firstByte == nil ? .closedBeforeFirstByte : .brokeOff
    default:
      return .failed
    }
  }
}
