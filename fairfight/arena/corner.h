#pragma once
#include "fairfight/arena/desk.h"
#include "fairfight/base/error.h"

namespace fairfight {

/// A desk with what a discipline puts on it. A discipline D is a struct with
///   Artifact   what a contestant hands in
///   Offer      what every contestant is given besides; plain
///   Privilege  what references alone are given, who stand outside the contest; plain
///   labels(offer), labels(privilege)   how many labelled examples that is: counted on first use
template <class D>
class Corner : public Desk {
 public:
  /// Offer and privilege outlive the corner; null where a fight has none.
  Corner(const Ground& ground, std::string contestant, Role role, Memo& model_memo, Memo& shared, const typename D::Offer* offer, const typename D::Privilege* privilege)
      : Desk(ground, std::move(contestant), role, model_memo, shared), offer_(offer), privilege_(privilege) {}

  const typename D::Offer& offer() {
    if (!offer_) fail("[corner] {} asked for what this fight does not offer", contestant());
    if (first_use("offer")) ask(D::labels(*offer_));
    return *offer_;
  }

  /// Error for all but a reference.
  const typename D::Privilege& privilege() {
    if (role() != Role::reference || !privilege_)
      fail("[corner] the {} {} asked for what only a reference outside the contest sees", name_of(role()), contestant());
    if (first_use("privilege")) ask(D::labels(*privilege_));
    return *privilege_;
  }

 private:
  const typename D::Offer* offer_;
  const typename D::Privilege* privilege_;
};

}  // namespace fairfight
