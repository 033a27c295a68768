// The page as a file.

import {suite} from "./suite.js";

suite("static");
