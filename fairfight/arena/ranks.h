#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fairfight/base/launch.h"

namespace fairfight {

/// A job that any rank may do: what it leaves is a file that stays as it is from then on.
struct SharedJob {
  std::string name;  // unique within its deal
  std::filesystem::path file;
  std::string home{};  // the member whose it is while that one lives, who has in memory what it needs; empty: anyone's
};

/// The processes that share one fight and its folder. Which jobs are whose and which are done stands in torch's TCPStore, which lives in rank 0 and
/// ends with it; what they came to lies in the folder. A member is one life of a rank: one that took a dead one's place is another.
class Ranks {
 public:
  /// Rank 0 opens the store; the others look for it. Error if it is not there in five minutes. `stop` is called, from a thread, when this process shall end.
  Ranks(const Launch& launch, const std::filesystem::path& folder, std::function<void()> stop);
  ~Ranks();  // what it had begun is others' at once
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  bool first() const;  // rank 0: it registers, tells and writes the result
  const std::string& member() const;

  /// What rank 0 says of something: the others wait until it has said it.
  std::string word_of_first(const std::string& about, const std::string& own);

  /// Waits until a file lies in the folder as another rank has left it.
  void await(const std::filesystem::path& file, const std::string& sha256);

  /// Error once the others hold this member for dead: they do its jobs.
  void require_place();

  /// Rank 0: all is written. Waits until the others know.
  void finish();

  /// Whether the fight is finished; error if this process was told to stop because rank 0, or its own place, is lost.
  bool finished() const;

  enum class Claim { none,
                     fresh,
                     taken_over,
                     done };
  struct Claimed {
    Claim claim;
    std::string member, sha256;  // who did it, and what it left: if it is done
  };
  Claimed claim(const std::string& deal, const SharedJob& job);
  void done(const std::string& deal, const SharedJob& job);

 private:
  class Store;
  std::unique_ptr<Store> store_;
};

/// How a rank comes to a job: first of all, after a member that died over it, or to read what another has done.
enum class Turn { fresh,
                  taken_over,
                  read };

/// Does all jobs, side by side in this process and shared with the ranks, if there are any: each is worked on by one of them and read by the others, and
/// whose worker dies is begun again by another. -> the members that did them; empty without ranks.
std::vector<std::string> share(Ranks* ranks, const std::string& deal, const std::vector<SharedJob>& jobs, const std::function<void(size_t job, Turn turn)>& work);

}  // namespace fairfight
