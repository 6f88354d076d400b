// As much of React Native's JSI as the client's own loader of turbo syncs calls: values of JavaScript, without a JavaScript engine.
#pragma once

#include <cassert>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace facebook::jsi {

struct Runtime {};

struct HostObject {
    virtual ~HostObject() = default;
};

struct JSError : std::runtime_error {
    JSError(Runtime &, const std::string &message) : std::runtime_error(message) {}
};

class Value;
struct Properties;

class String {
public:
    explicit String(std::string text) : text_(std::move(text)) {}
    static String createFromUtf8(Runtime &, const std::string &text) { return String(text); }
    std::string utf8(Runtime &) const { return text_; }

private:
    std::string text_;
};

class Array {
public:
    Array(Runtime &, size_t size);
    static Array createWithElements(Runtime &rt) { return Array(rt, 0); }
    size_t size(Runtime &) const;
    size_t length(Runtime &rt) const { return size(rt); }
    Value getValueAtIndex(Runtime &, size_t index) const;
    template <typename T> void setValueAtIndex(Runtime &, size_t index, const T &value);

private:
    std::shared_ptr<std::vector<Value>> values_;
};

class Object {
public:
    explicit Object(Runtime &);
    explicit Object(Array array);
    Array getArray(Runtime &) const { return *array_; }
    Value getProperty(Runtime &rt, const String &name) const;
    Value getProperty(Runtime &rt, const std::string &name) const;
    template <typename T> void setProperty(Runtime &rt, const String &name, const T &value);
    template <typename T> void setProperty(Runtime &rt, const std::string &name, const T &value);
    const Properties &properties() const { return *properties_; }

private:
    std::shared_ptr<Properties> properties_;
    std::shared_ptr<Array> array_;
};

class Value {
public:
    struct Undefined {};

    Value() : value_(Undefined{}) {}
    Value(double number) : value_(number) {}
    Value(bool flag) : value_(flag) {}
    Value(String text) : value_(std::move(text)) {}
    Value(Object object) : value_(std::move(object)) {}
    static Value null() { return Value(nullptr); }

    bool isUndefined() const { return std::holds_alternative<Undefined>(value_); }
    bool isNull() const { return std::holds_alternative<std::nullptr_t>(value_); }
    bool isBool() const { return std::holds_alternative<bool>(value_); }
    bool isNumber() const { return std::holds_alternative<double>(value_); }
    bool isString() const { return std::holds_alternative<String>(value_); }
    bool isObject() const { return std::holds_alternative<Object>(value_); }

    bool getBool() const { return std::get<bool>(value_); }
    double getNumber() const { return std::get<double>(value_); }
    String getString(Runtime &) const { return std::get<String>(value_); }
    Object getObject(Runtime &) const { return std::get<Object>(value_); }

private:
    explicit Value(std::nullptr_t) : value_(nullptr) {}

    std::variant<Undefined, std::nullptr_t, bool, double, String, Object> value_;
};

struct Properties : std::map<std::string, Value> {};

inline Array::Array(Runtime &, size_t size) : values_(std::make_shared<std::vector<Value>>(size)) {}
inline size_t Array::size(Runtime &) const { return values_->size(); }
inline Value Array::getValueAtIndex(Runtime &, size_t index) const { return values_->at(index); }
template <typename T> void Array::setValueAtIndex(Runtime &, size_t index, const T &value) { values_->at(index) = Value(value); }

inline Object::Object(Runtime &) : properties_(std::make_shared<Properties>()) {}
inline Object::Object(Array array) : array_(std::make_shared<Array>(std::move(array))) {}

inline Value Object::getProperty(Runtime &, const std::string &name) const {
    auto found = properties_->find(name);
    return found == properties_->end() ? Value() : found->second;
}

inline Value Object::getProperty(Runtime &rt, const String &name) const { return getProperty(rt, name.utf8(rt)); }

template <typename T> void Object::setProperty(Runtime &, const std::string &name, const T &value) {
    properties_->insert_or_assign(name, Value(value));
}

template <typename T> void Object::setProperty(Runtime &rt, const String &name, const T &value) {
    setProperty(rt, name.utf8(rt), value);
}

}
