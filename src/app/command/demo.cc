// SPDX-License-Identifier: Apache-2.0
// `hawser demo`: three shops and the balancer before them, to play with.

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/command/command.h"
#include "app/configuration/load.h"
#include "app/demo/processes.h"
#include "app/foreground.h"
#include "app/machine.h"

namespace hawser::app {

namespace {

struct demo_options {
    std::string listen = ":8080";
    std::string admin{default_admin};
    std::size_t workers = 2;
};

/// A new directory of the demo's own, gone with it.
class workplace {
  public:
    workplace() {
        std::string name = (std::filesystem::temp_directory_path() / "hawser-demo-XXXXXX").string();
        if (::mkdtemp(name.data()) != nullptr) path_ = name;
    }
    ~workplace() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    workplace(const workplace&) = delete;
    workplace& operator=(const workplace&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

std::string configuration_text(const demo_options& given,
                               const std::vector<demo::shop_process>& shops,
                               const demo::shop_process& spare,
                               const std::filesystem::path& directory) {
    std::string text = fmt::format(
        "# The demo's configuration. Change it, then: hawser reload --admin {}\n"
        "listeners:\n"
        "  web: {{bind: \"{}\"}}\n"
        "pools:\n"
        "  shop:\n"
        "    balance: round-robin\n"
        "    servers:\n",
        given.admin, given.listen);
    for (const auto& each : shops)
        text += fmt::format("      {}: 127.0.0.1:{}\n", each.name, each.port);
    text += fmt::format("      # {}: 127.0.0.1:{}\n", spare.name, spare.port);
    text += fmt::format(
        "routes:\n"
        "  - pool: shop\n"
        "admin: {{bind: \"{}\"}}\n"
        "log: {{access: stdout, format: text}}\n"
        "debug-header: X-Hawser\n"
        "keys: {}\n"
        "state: {}\n",
        given.admin, (directory / "keys").string(), directory.string());
    return text;
}

std::string browser_address(const std::string& listen) {
    return listen.starts_with(':') ? "localhost" + listen : listen;
}

/// This program as the reader can call it from where they stand.
std::string program() {
    std::error_code failed;
    const auto itself = std::filesystem::read_symlink("/proc/self/exe", failed);
    if (failed) return "hawser";
    const auto from_here = std::filesystem::relative(itself, failed);
    return failed || from_here.string().starts_with("..") ? itself.string() : from_here.string();
}

void tell_what_to_try(const demo_options& given, const std::vector<demo::shop_process>& shops,
                      const std::string& file) {
    const std::string hawser = program();
    const std::string admin =
        given.admin == default_admin ? std::string() : " --admin " + given.admin;
    fmt::print(
        "\nHawser is running.\n\n"
        "  Open      http://{}/\n"
        "  Look      {} status{}\n"
        "  Kill      kill -9 {}    server {}: its sessions move, once\n"
        "  Drain     {} drain shop/{}{}\n"
        "  Add       uncomment the fourth server in {}\n"
        "            and run: {} reload{}\n"
        "  End       Ctrl-C\n\n"
        "Each request, and what affinity did for it:\n",
        browser_address(given.listen), hawser, admin, shops[0].id, shops[0].name, hawser,
        shops[1].name, admin, file, hawser, admin);
    std::fflush(stdout);
}

int complain(const std::string& why) {
    fmt::print(stderr, "hawser demo: {}\n", why);
    return exit_failed;
}

int run_demo(const demo_options& given) {
    const workplace place;
    if (place.path().empty()) return complain("cannot make a directory for the demo's files");
    demo::processes processes;
    std::vector<demo::shop_process> shops;
    for (const char* name : {"a", "b", "c", "d"}) {
        auto started = processes.start(name);
        if (!started) return complain(started.error().context);
        shops.push_back(*started);
    }
    const demo::shop_process spare = shops.back();
    shops.pop_back();

    const std::string file = (place.path() / "demo.yaml").string();
    std::ofstream(file) << configuration_text(given, shops, spare, place.path());
    const auto read = [&] {
        loaded read_anew = load(file);
        if (read_anew.settings) read_anew.settings->workers.number = given.workers;
        return read_anew;
    };
    return serve_in_foreground(read, {},
                               [&](const node&) { tell_what_to_try(given, shops, file); });
}

}  // namespace

void add_demo(CLI::App& program, int& status) {
    const auto given = std::make_shared<demo_options>();
    CLI::App* command =
        program.add_subcommand("demo", "Start three small shops and balance them, to play with");
    command->add_option("--listen", given->listen, "Where to accept")->capture_default_str();
    command->add_option("--admin", given->admin, "The admin endpoint")->capture_default_str();
    command->add_option("--workers", given->workers, "Worker threads")->capture_default_str();
    command->callback([given, &status] { status = run_demo(*given); });

    const auto name = std::make_shared<std::string>();
    CLI::App* one = program.add_subcommand("demo-shop", "");
    one->group("");  // only the demo itself starts shops
    one->add_option("name", *name)->required();
    one->callback([name, &status] { status = demo::be_a_shop(*name); });
}

}  // namespace hawser::app
