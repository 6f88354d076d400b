// turbo DATABASE JSON SCHEMA BEFORE AFTER: lets the client's own loader put a pull's answer into a phone's database, and prints what else
// the answer has, as the loader gives it. JSON and SCHEMA are files, BEFORE and AFTER the client's SQL around it.
#include <fstream>
#include <iostream>
#include <iterator>

#include "Database.h"

namespace {

std::string syncJson;

std::string contentOf(const char *file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw std::runtime_error(std::string("cannot read ") + file);
    return {std::istreambuf_iterator<char>(stream), {}};
}

jsi::Value valueOf(jsi::Runtime &rt, simdjson::dom::element element) {
    using simdjson::dom::element_type;
    switch (element.type()) {
    case element_type::OBJECT: {
        jsi::Object object(rt);
        for (auto [key, value] : simdjson::dom::object(element)) object.setProperty(rt, std::string(key), valueOf(rt, value));
        return object;
    }
    case element_type::ARRAY: {
        simdjson::dom::array items = element;
        jsi::Array array(rt, items.size());
        size_t index = 0;
        for (auto item : items) array.setValueAtIndex(rt, index++, valueOf(rt, item));
        return jsi::Object(array);
    }
    case element_type::STRING:
        return jsi::String(std::string(std::string_view(element)));
    case element_type::BOOL:
        return bool(element);
    case element_type::NULL_VALUE:
        return jsi::Value::null();
    default:
        return double(element);
    }
}

}

namespace watermelondb::platform {

void consoleLog(std::string) {}
void consoleError(std::string message) { std::cerr << message << '\n'; }
void initializeSqlite() {}
std::string resolveDatabasePath(std::string path) { return path; }
void deleteDatabaseFile(std::string, bool) {}
void onMemoryAlert(std::function<void(void)>) {}
std::string_view getSyncJson(int) { return syncJson; }
void deleteSyncJson(int) {}
void onDestroy(std::function<void(void)>) {}

}

int main(int, char **arguments) {
    try {
        jsi::Runtime runtime;
        syncJson = contentOf(arguments[2]);
        auto schemaJson = contentOf(arguments[3]);
        simdjson::dom::parser parser;
        auto schema = valueOf(runtime, parser.parse(schemaJson)).getObject(runtime);
        watermelondb::Database database(&runtime, arguments[1], false);
        auto rest = database.unsafeLoadFromSync(1, schema, arguments[4], arguments[5]).getObject(runtime);
        // One a line: a name, and JSON.
        for (auto &[name, value] : rest.properties()) std::cout << name << ' ' << value.getString(runtime).utf8(runtime) << '\n';
        return 0;
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
