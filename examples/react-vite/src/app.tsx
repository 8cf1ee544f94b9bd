import { NavLink, Route, Routes } from "react-router";
import { HereNow } from "./here-now.tsx";

export function App() {
  return (
    <>
      <nav>
        <NavLink to="/">Bread</NavLink>
        <NavLink to="/cake">Cake</NavLink>
        <NavLink to="/about">About us</NavLink>
      </nav>
      <main>
        <Routes>
          <Route
            path="/"
            element={
              <>
                <h1>Bread</h1>
                <p>Rye and spelt, from six in the morning.</p>
                <HereNow />
              </>
            }
          />
          <Route
            path="/cake"
            element={
              <>
                <h1>Cake</h1>
                <p>Plum cake until the plums are gone.</p>
                <HereNow />
              </>
            }
          />
          <Route
            path="/about"
            element={
              <>
                <h1>About us</h1>
                <p>Nobody is counted on this page: it shows no count.</p>
              </>
            }
          />
        </Routes>
      </main>
    </>
  );
}
