#include "fairfight/io/jinja/scopes.h"

#include <map>

namespace fairfight::jinja {
namespace {

/// jinja2's idtracking.Symbols: what a frame knows of names.
struct Symbols {
  const Symbols* outer = nullptr;
  std::map<std::string, bool> hides = {};  // name -> not defined at first
  std::set<std::string> stores = {};

  bool knows(const std::string& name) const { return hides.contains(name) || (outer && outer->knows(name)); }
  void parameter(const std::string& name) {
    stores.insert(name);
    hides[name] = false;
  }
  void load(const std::string& name) {
    if (!knows(name)) hides[name] = false;
  }
  void store(const std::string& name) {
    stores.insert(name);
    if (!hides.contains(name)) hides[name] = !(outer && outer->knows(name));
  }
  void join(const std::vector<Symbols>& branches) {
    std::set<std::string> maybe;
    for (const Symbols& branch : branches) maybe.insert(branch.stores.begin(), branch.stores.end());
    for (const std::string& name : stores) maybe.erase(name);
    for (const Symbols& branch : branches) {
      for (const auto& [name, hidden] : branch.hides) hides[name] = hidden;
      stores.insert(branch.stores.begin(), branch.stores.end());
    }
    for (const std::string& name : maybe) hides[name] = false;
  }

  void read(const Expression* e) {
    if (!e) return;
    if (e->kind == Kind::name) load(e->text);
    for (const Tree& child : e->children) read(child.get());
    read(e->list.get());
    read(e->named.get());
  }
  void write(const Expression& target) {
    if (target.kind == Kind::space) load(target.text);
    if (target.kind == Kind::name) store(target.text);
    if (target.kind == Kind::tuple)
      for (const Tree& part : target.children) write(*part);
  }
  void branch(const Statement& s, size_t first, size_t last) {
    read(s.expressions[first].get());
    std::vector<Symbols> branches(3, *this);
    branches[0].visit(s.blocks[first]);
    for (size_t i = first + 1; i < last; ++i) branches[1].branch(s, i, i + 1);
    if (first == 0 && s.blocks.size() > s.expressions.size()) branches[2].visit(s.blocks.back());
    join(branches);
  }
  /// What a frame sees of the statements in it; those that open a frame of their own show it only what is read before.
  void visit(const Block& block) {
    for (const Statement& s : block.statements) switch (s.what) {
        case Statement::What::output:
        case Statement::What::with:
        case Statement::What::filter:
          for (const Tree& e : s.expressions) read(e.get());
          break;
        case Statement::What::set:
          read(s.expressions[0].get());
          write(*s.targets[0]);
          break;
        case Statement::What::set_block:
          write(*s.targets[0]);
          break;
        case Statement::What::for_each:
          read(s.expressions[0].get());
          break;
        case Statement::What::branch:
          branch(s, 0, s.expressions.size());
          break;
        case Statement::What::macro:
          store(s.text);
          break;
        case Statement::What::call:
          read(s.targets[0].get());
          break;
        default:
          break;
      }
  }
};

void enter(Block& block, Symbols frame);

/// The frames within `block`, whose own is `frame`.
void descend(Block& block, const Symbols& frame) {
  for (Statement& s : block.statements) {
    Symbols inner{&frame};
    switch (s.what) {
      case Statement::What::branch:
        for (Block& branch : s.blocks) descend(branch, frame);
        break;
      case Statement::What::for_each: {
        for (const std::string& name : names_of(*s.targets[0])) inner.parameter(name);
        inner.parameter("loop");
        enter(s.blocks[0], inner);
        if (s.blocks.size() > 1) enter(s.blocks[1], Symbols{&frame});
        break;
      }
      case Statement::What::macro:
      case Statement::What::call:
        for (const std::string& name : s.names) inner.parameter(name);
        for (const char* name : {"caller", "varargs", "kwargs"}) inner.parameter(name);
        for (const Tree& e : s.expressions) inner.read(e.get());
        enter(s.blocks[0], inner);
        break;
      case Statement::What::with:
        for (const Tree& target : s.targets)
          for (const std::string& name : names_of(*target)) inner.parameter(name);
        enter(s.blocks[0], inner);
        break;
      default:
        for (Block& body : s.blocks) enter(body, inner);
    }
  }
}

void enter(Block& block, Symbols frame) {
  frame.visit(block);
  for (const auto& [name, hidden] : frame.hides)
    if (hidden) block.hidden.insert(name);
  descend(block, frame);
}

}  // namespace

std::set<std::string> names_of(const Expression& target) {
  if (target.kind == Kind::name) return {target.text};
  std::set<std::string> names;
  if (target.kind == Kind::tuple)
    for (const Tree& part : target.children) names.merge(names_of(*part));
  return names;
}

void hide_names(Block& whole) { enter(whole, Symbols{}); }

}  // namespace fairfight::jinja
