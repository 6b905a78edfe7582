#include "fairfight/arena/ranks.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/json.h"
#include "fairfight/base/note.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/engine.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using Instant = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto kPoll = milliseconds(100);
constexpr auto kToMeet = std::chrono::minutes(5), kToAppear = std::chrono::minutes(2);
constexpr const char* kFinished = "finished";

std::vector<uint8_t> bytes_in(const std::string& text) { return {text.begin(), text.end()}; }
std::string text_in(const std::vector<uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }
std::string gone(const std::string& member) { return "gone/" + member; }
std::string beats(const std::string& member) { return "beats/" + member; }
std::string lives(int rank) { return fmt::format("lives/{}", rank); }
std::string member_of(int rank, int64_t life) { return fmt::format("{}.{}", rank, life); }

using TcpStore = c10::intrusive_ptr<c10d::TCPStore>;

TcpStore tcp_store(const std::string& host, uint16_t port, bool serves) {
  c10d::TCPStoreOptions options;
  options.port = port;
  options.isServer = serves;
  options.waitWorkers = false;
  options.timeout = std::chrono::seconds(serves ? 30 : 2);  // to connect: whoever looks for it tries again
  return c10::make_intrusive<c10d::TCPStore>(host, options);
}

std::string this_host() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) fail("[ranks] this machine has no name; set MASTER_ADDR to one that the others find it by");
  return name.data();
}

}  // namespace

class Ranks::Store {
  /// One question at a time; after one that failed the connection is of no use.
  template <class Question>
  auto ask(const Question& question) {
    const std::lock_guard lock(asking_);
    try {
      if (broken_) fail("broken");
      return question(*store_);
    } catch (const std::exception&) {
      broken_ = true;
      if (stop_requested()) throw Interrupted("stopped on request");
      fail("[ranks] rank 0 is gone, and with it the list of jobs; if it left no result, start all ranks again, with --resume");
    }
  }

 public:
  Store(const Launch& launch, const fs::path& folder, std::function<void()> stop) : launch_(launch), meeting_(folder / "ranks.json"), stop_(std::move(stop)) {
    store_ = first() ? serve() : meet();
    const int64_t life = ask([&](auto& s) { return s.add(lives(launch_.rank), 1); });
    member_ = member_of(launch_.rank, life);
    if (life > 1) set(gone(member_of(launch_.rank, life - 1)), "replaced");
    beating_ = std::thread([this] { beat(); });
  }

  ~Store() {
    {
      const std::lock_guard lock(ending_);
      ends_ = true;
    }
    end_.notify_all();
    beating_.join();
    try {
      set(gone(member_), "left");
    } catch (const std::exception&) {  // then so is the store
    }
    std::error_code none;
    if (first() && launch_.port == 0) fs::remove(meeting_, none);
  }

  bool first() const { return launch_.rank == 0; }
  const std::string& member() const { return member_; }
  /// It is there for everyone when this returns: `set` alone waits for no answer, what follows it on the same connection does.
  void set(const std::string& key, const std::string& value) {
    ask([&](auto& s) { return s.set(key, bytes_in(value)), s.check({key}); });
  }
  bool has(const std::string& key) {
    return ask([&](auto& s) { return s.check({key}); });
  }
  std::string get(const std::string& key) {  // error if it is not there
    return ask([&](auto& s) { return text_in(s.get(key)); });
  }
  int64_t count(const std::string& key) {
    return ask([&](auto& s) { return s.add(key, 0); });
  }
  /// Makes `wanted` of `expected` ("": nothing) and tells what is there now.
  std::string exchange(const std::string& key, const std::string& expected, const std::string& wanted) {
    return ask([&](auto& s) { return text_in(s.compareSet(key, bytes_in(expected), bytes_in(wanted))); });
  }

  /// By its own beats and this machine's clock alone: clocks of several machines are not compared.
  bool lives_on(const std::string& member) {
    if (member == member_) return true;
    if (has(gone(member))) return false;
    const int64_t heard = count(beats(member));
    {
      const std::lock_guard lock(watching_);
      const auto [life, fresh] = heard_.try_emplace(member, heard, Instant::now());
      if (fresh || life->second.first != heard) life->second = {heard, Instant::now()};
      if (!lapsed(life->second.second)) return true;
    }
    set(gone(member), "silent");  // from now on it keeps nothing: see require_place
    return false;
  }

  void require_place() {
    if (has(gone(member_))) fail("{}", place_lost());
  }

  void finish() {
    set(kFinished, "yes");
    const auto begun = Instant::now();
    const auto knows = [&](int rank) {
      const int64_t life = count(lives(rank));
      return life == 0 ? lapsed(started_) : !lives_on(member_of(rank, life));  // one that was never there may be on its way
    };
    for (int rank = 1; rank < launch_.size && !stop_requested();)
      if (knows(rank) || lapsed(begun))
        ++rank;
      else
        std::this_thread::sleep_for(kPoll);
  }

  bool finished() {
    const std::lock_guard lock(ending_);
    if (!lost_.empty()) fail("{}", lost_);
    return finished_;
  }

 private:
  bool lapsed(Instant::time_point since) const { return std::chrono::duration<double>(Instant::now() - since).count() > launch_.lease_seconds; }
  std::string place_lost() const {
    return fmt::format("[ranks] rank {} was silent for more than {:g} s, or was started twice: the others do its jobs; where processes are halted for so long, set FAIRFIGHT_LEASE to more seconds", launch_.rank, launch_.lease_seconds);
  }

  TcpStore serve() {
    TcpStore store;
    try {
      store = tcp_store(launch_.port > 0 ? launch_.address : "localhost", launch_.port, true);
    } catch (const std::exception& e) {
      const std::string why = e.what();
      fail("[ranks] rank 0 cannot listen on {}: {}; set MASTER_PORT to a free port of this machine, or unset it", launch_.port > 0 ? fmt::format("{}:{}", launch_.address, launch_.port) : "a free port", why.substr(0, why.find('\n')));
    }
    if (launch_.port > 0) return store;
    const std::string token = fmt::format("{}-{}-{}", this_host(), ::getpid(), Instant::now().time_since_epoch().count());
    store->set("token", bytes_in(token));
    write_atomic(meeting_, dump_json({{"host", launch_.address.empty() ? this_host() : launch_.address}, {"port", store->getPort()}, {"token", token}}));
    return store;
  }

  TcpStore meet() {
    for (const auto begun = Instant::now(); Instant::now() - begun < kToMeet; std::this_thread::sleep_for(kPoll)) {
      check_stop();
      try {
        if (launch_.port > 0) return tcp_store(launch_.address, launch_.port, false);
        const Json at = read_json(meeting_);
        auto store = tcp_store(at.at("host").get<std::string>(), at.at("port").get<uint16_t>(), false);
        if (store->check({"token"}) && text_in(store->get("token")) == at.at("token").get<std::string>()) return store;  // no other fight's, on a port that an earlier rank 0 had
      } catch (const std::exception&) {  // not yet
      }
    }
    fail("[ranks] rank {} found no rank 0 at {} in five minutes; start all ranks together, with the same --out on a file system that all of them see", launch_.rank,
         launch_.port > 0 ? fmt::format("{}:{}", launch_.address, launch_.port) : "the address in " + meeting_.string());
  }

  void beat() {
    const std::chrono::duration<double> pause(std::min(1.0, launch_.lease_seconds / 10));
    std::unique_lock lock(ending_);
    while (!end_.wait_for(lock, pause, [&] { return ends_; })) {
      lock.unlock();
      std::string lost;
      bool finished = false;
      try {
        ask([&](auto& s) { return s.add(beats(member_), 1); });
        finished = !first() && has(kFinished);
        if (!finished && has(gone(member_))) lost = place_lost();
      } catch (const std::exception& e) {
        if (!stop_requested()) lost = e.what();
      }
      lock.lock();
      finished_ = finished;
      lost_ = lost;
      if (!finished && lost.empty()) continue;
      stop_();
      return;
    }
  }

  const Launch launch_;
  const fs::path meeting_;  // where rank 0 listens, if nobody else says that
  const std::function<void()> stop_;
  const Instant::time_point started_ = Instant::now();
  std::mutex asking_;
  TcpStore store_;
  bool broken_ = false;
  std::string member_;
  std::mutex watching_;
  std::map<std::string, std::pair<int64_t, Instant::time_point>> heard_;  // of each member the last beat that was new, and when
  std::mutex ending_;
  std::condition_variable end_;
  bool ends_ = false, finished_ = false;
  std::string lost_;
  std::thread beating_;
};

Ranks::Ranks(const Launch& launch, const fs::path& folder, std::function<void()> stop) : store_(std::make_unique<Store>(launch, folder, std::move(stop))) {}
Ranks::~Ranks() = default;
bool Ranks::first() const { return store_->first(); }
const std::string& Ranks::member() const { return store_->member(); }
void Ranks::require_place() { store_->require_place(); }
void Ranks::finish() { store_->finish(); }
bool Ranks::finished() const { return store_->finished(); }

std::string Ranks::word_of_first(const std::string& about, const std::string& own) {
  const std::string key = "word/" + about;
  if (first()) {
    store_->set(key, own);
    return own;
  }
  for (; !store_->has(key); std::this_thread::sleep_for(kPoll)) check_stop();
  return store_->get(key);
}

void Ranks::await(const fs::path& file, const std::string& sha256) {
  for (const auto begun = Instant::now(); Instant::now() - begun < kToAppear; std::this_thread::sleep_for(kPoll)) {
    check_stop();
    std::error_code none;
    if (fs::exists(file, none) && sha256_file(file) == sha256) return;
  }
  fail("[ranks] {} is not there as another rank has left it; every rank needs the same --out, on a file system that all of them see", file.string());
}

Ranks::Claimed Ranks::claim(const std::string& deal, const SharedJob& job) {
  const std::string key = fmt::format("jobs/{}/{}", deal, job.name);
  std::string held;
  if (!job.home.empty() && store_->lives_on(job.home) && job.home != member()) {
    if (store_->has(key)) held = store_->get(key);
    if (held.empty()) return {Claim::none, "", ""};
  } else {
    held = store_->exchange(key, "", member());
    if (held == member()) return {Claim::fresh, "", ""};
  }
  if (const size_t end = held.find(' '); end != std::string::npos) return {Claim::done, held.substr(0, end), held.substr(end + 1)};
  const bool taken = !store_->lives_on(held) && store_->exchange(key, held, member()) == member();
  if (!taken) return {Claim::none, "", ""};
  note(fmt::format("rank {} left the job {} undone: it is taken over", held.substr(0, held.find('.')), job.name));
  return {Claim::taken_over, "", ""};
}

void Ranks::done(const std::string& deal, const SharedJob& job) {
  const std::string outcome = member() + " " + sha256_file(job.file);
  if (store_->exchange(fmt::format("jobs/{}/{}", deal, job.name), member(), outcome) == outcome) return;
  require_place();
  fail("[ranks] the job {} is no more that of rank {}", job.name, member());
}

std::vector<std::string> share(Ranks* ranks, const std::string& deal, const std::vector<SharedJob>& jobs, const std::function<void(size_t job, Turn turn)>& work) {
  if (!ranks) {
    side_by_side(jobs.size(), [&](size_t j) { work(j, Turn::fresh); });
    return {};
  }
  struct Next {
    size_t job;
    Ranks::Claimed claimed;
  };
  std::vector<std::string> members(jobs.size());
  std::vector<bool> taken(jobs.size(), false);  // by a thread of this process, to do or to read
  std::mutex taking;
  bool failed = false;
  const auto next = [&]() -> std::optional<Next> {
    for (;; std::this_thread::sleep_for(kPoll)) {
      check_stop();
      const std::lock_guard lock(taking);
      bool all = true;
      for (size_t j = 0; j < jobs.size() && !failed; ++j) {
        if (taken[j]) continue;
        all = false;
        auto claimed = ranks->claim(deal, jobs[j]);
        if (claimed.claim == Ranks::Claim::none) continue;
        taken[j] = true;
        return Next{j, std::move(claimed)};
      }
      if (all || failed) return std::nullopt;
    }
  };
  const auto do_all = [&](size_t) {
    try {
      while (const auto todo = next()) {
        const auto& [j, claimed] = *todo;
        if (claimed.claim == Ranks::Claim::done) {
          ranks->await(jobs[j].file, claimed.sha256);
          work(j, Turn::read);
          members[j] = claimed.member;
        } else {
          work(j, claimed.claim == Ranks::Claim::fresh ? Turn::fresh : Turn::taken_over);
          ranks->done(deal, jobs[j]);
          members[j] = ranks->member();
        }
      }
    } catch (...) {
      const std::lock_guard lock(taking);
      failed = true;
      throw;
    }
  };
  side_by_side(std::min(jobs.size(), size_t(engine_threads())), do_all);
  return members;
}

}  // namespace fairfight
