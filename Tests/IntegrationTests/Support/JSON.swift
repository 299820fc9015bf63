import Foundation

/// A JSON document as tests look at it; what is not there is null.
enum JSON: Decodable, Equatable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([JSON])
  case members([String: JSON])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([JSON].self) {
      self = .list(list)
    } else {
      self = .members(try value.decode([String: JSON].self))
    }
  }

  init(parsing text: some StringProtocol) throws {
    do {
      self = try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
    } catch {
      throw Trouble("not JSON: \(text.prefix(400))")
    }
  }

  subscript(name: String) -> JSON {
    guard case .members(let members) = self else { return .null }
    return members[name] ?? .null
  }

  var string: String {
    guard case .text(let text) = self else { return "" }
    return text
  }

  /// -1 where there is no number.
  var int: Int {
    guard case .number(let number) = self else { return -1 }
    return Int(number)
  }

  var list: [JSON] {
    guard case .list(let list) = self else { return [] }
    return list
  }
}
